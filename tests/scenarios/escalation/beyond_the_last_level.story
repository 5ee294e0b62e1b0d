# The last level escalates: the ticket stays there, and the manager is notified every two business days until it moves.

anna writes "The cluster lost data." about "Cluster"
alice replies "#escalate"
carol replies "#escalate I cannot solve this."
  ticket is level2
  carol receives last_level
  manager receives manager
  manager reads "I cannot solve this."
2 business days pass
  ticket is level2
  manager receives manager
  the timers are overdue
2 business days pass
  manager receives manager
2 business days pass
  manager receives manager
carol replies "#resolve The vendor repaired it." to escalation
  ticket is confirming
  the timers are decision, reminder
2 business days pass
  manager receives nothing
