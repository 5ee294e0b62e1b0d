# An agent resolves a colleague's ticket: the copy tells the colleague, a transcript the agent, and the ticket stays theirs.

anna writes "Word does not start." about "Word"
bob replies "#take"
alice replies "#resolve I reinstalled Word." to request
  anna receives receipt, confirm
  ticket has the assignee "bob@example.com"
  level1 receives request, copy
  level1 reads "Alice sent a solution. The ticket is assigned to bob@example.com."
  bob receives nothing
  alice receives transcript
  alice reads "The ticket is assigned to bob@example.com."
# Nothing was written, so that the level gets no copy: Bob is told all the same.
alice replies "#close" to request
  ticket is finalizing
  level1 receives nothing
  bob receives copy
  bob reads "Alice closed without a reason. The ticket is assigned to bob@example.com."
  bob reads not "Sent by"
  alice receives transcript
alice replies "#note He is on the train." to request
  alice receives nothing
