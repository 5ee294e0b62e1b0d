# An answer, a question and a solution name the agent beside the desk, where the desk and its directory have names for that.
with [notices] name_agents = true
with [directory] people = "people.csv"
the file people.csv says "address;name\nalice@example.com;Alice Durand\ncarol@example.com;carol@example.com"

anna writes "Word does not start." about "Word"
  anna sees the sender "Support <support@example.com>"
alice replies "Please restart it." to request
  anna receives receipt, answer
  anna sees the sender "\"Alice Durand, Support\" <support@example.com>"
  anna reads "Please restart it. Alice Durand Support · request SUP-1"
alice replies "#waiting\nWhich version is it?" to request
  anna receives question
  anna sees the sender "\"Alice Durand, Support\" <support@example.com>"
ben writes "Excel does not start." about "Excel"
bob replies "Please restart it." to request
  ben receives receipt, answer
  ben sees the sender "Support <support@example.com>"
alice replies "#escalate" to request of ticket 1
  anna receives escalated
  anna sees the sender "Support <support@example.com>"
carol replies "#resolve I reinstalled it." to escalation
  anna receives confirm
  anna sees the sender "Support <support@example.com>"
  ticket 1 is confirming
anna replies "resolved" to confirm
  anna receives final
  anna sees the sender "Support <support@example.com>"
  anna never reads "alice@example.com"
  anna never reads "carol@example.com"
