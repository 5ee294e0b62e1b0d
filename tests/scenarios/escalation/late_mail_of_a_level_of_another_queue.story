# A ticket leaves a queue with Level 3: a late mail of Level 3 comes back though the new queue has no Level 3.
with network queue
with [queues.network.levels.level3] mailbox = "level3@example.com"

anna writes "No Wi-Fi in room 12." about "Wi-Fi" to network@example.com
nils replies "#escalate" to request
carol replies "#escalate" to escalation
level3 replies "#route default" to escalation
  ticket has the queue "default"
level3 replies "Have you tried turning it off and on?" to escalation
  level3 receives escalation, late_level
  level3 reads "with Level 1"
  anna receives receipt, escalated, escalated, moved
