# The requester hears once that an agent takes a request that nobody has, by the name of the directory, where the desk tells so.
with [notices] tell_taken = true
with [notices] name_agents = true
with [directory] people = "people.csv"
the file people.csv says "address;name\nalice@example.com;Alice Durand\nbob@example.com;Bob Stone"

anna writes "Word does not start." about "Word"
alice replies "#take" to request
  anna receives receipt, taken
  anna reads "Alice Durand has taken your request SUP-1 and will look after it."
  anna reads "Reply to this email"
  anna sees the sender "Support <support@example.com>"
  anna never reads "alice@example.com"
  alice receives nothing
bob replies "#take" to request
  anna receives nothing
alice replies "#assign bob@example.com" to request
  anna receives nothing
alice replies "#escalate" to request
  anna receives escalated
  ticket has the assignee ""
carol replies "#take" to escalation
  anna receives nothing
ben writes "Excel does not start." about "Excel"
alice replies "#assign bob@example.com" to request
  ben receives receipt, taken
  ben reads "Bob Stone has taken your request SUP-2"
zoe writes "Paint does not start." about "Paint"
carol replies "#take" to level1's request
  zoe receives receipt
