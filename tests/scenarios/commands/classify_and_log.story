# An agent sets type, priority, cause, time and assignee, and nothing of it reaches the requester.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#type incident\n#priority high\n#cause add-in\n#time 1h30\n#assign bob@example.com"
  ticket has the type "incident"
  ticket has the priority "high"
  ticket has the cause "add-in"
  ticket has the minutes spent "90"
  ticket has the assignee "bob@example.com"
  anna receives nothing
  alice receives nothing
