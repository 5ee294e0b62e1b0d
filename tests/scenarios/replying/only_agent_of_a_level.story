# The only agent of a level gets no copy of their own words.

anna writes "Word does not start." about "Word"
alice replies "#escalate It needs an administrator."
  level1 receives request, taken_over
  level2 receives escalation
carol replies "Please send me the file."
  anna receives receipt, escalated, answer
  level2 receives nothing
  ticket has the assignee "carol@example.com"
