# An agent takes back that a colleague of the level got a ticket, though the mail to the colleague has left.

anna writes "Word does not start." about "Word"
alice replies "#assign bob"
  bob receives assigned
  ticket has the assignee "bob@example.com"
alice replies "#undo" to request
  ticket has the assignee ""
  alice receives transcript
