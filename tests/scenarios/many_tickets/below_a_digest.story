# The token of a digest proves the agent to whom it went, and nobody else, nor against the pinned server.
with [trust] authserv_id = ["mx.example.com"]
with [digest] at = "08:00"
with [levels.level1] resolve_within = "5 business days"

anna writes "Word does not start." about "Word"
ben writes "The printer is jammed." about "Printer"
24 hours pass
alice replies "#take SUP-1" to digest and the pinned server says fail
  ticket 1 has the assignee ""
  alice receives digest, challenge
alice replies "#take SUP-1" to digest
  ticket 1 has the assignee "alice@example.com"
  alice receives reply
  alice's answers go to "support+DESK-"
alice replies "#take SUP-2" to reply
  ticket 2 has the assignee "alice@example.com"
  alice receives reply
bob replies "#take SUP-1" to alice's reply
  ticket 1 has the assignee "alice@example.com"
  bob receives digest, challenge
anna replies "#take SUP-1" to alice's digest
  there are 3 tickets
