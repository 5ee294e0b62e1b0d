# Level 2 hands a ticket back with a reason: Level 1 gets a new deadline and the requester is informed.

anna writes "I need access to the archive." about "Archive"
  level1 receives request
alice replies "#escalate beyond my rights"
  level1 receives taken_over
  level2 receives escalation
  level2 reads "beyond my rights"
  anna receives receipt, escalated
carol replies "#handback The team leader has to agree first."
  ticket is level1
  level1 receives handed_back
  level1 reads "The team leader has to agree first."
  anna receives moved
  anna never reads "The team leader has to agree first."
  the timers are escalation, warning
carol replies "Hello, it is me again." to escalation
  carol receives late_level
alice replies "#resolve The team leader agreed; you have access."
  anna receives confirm
  ticket is confirming
4 business hours pass
  ticket is confirming
