# Level 2 has a promise of its own; when it passes, Level 3 gets the ticket, and after that only the manager.
with level3

anna writes "The cluster lost data." about "Cluster"
alice replies "#escalate"
2 business days pass
  ticket is level3
  level3 receives escalation
  level2 receives escalation, answer_warning, warning, taken_over
3 business days pass
  ticket is level3
  manager receives manager
2 business days pass
  manager receives manager
