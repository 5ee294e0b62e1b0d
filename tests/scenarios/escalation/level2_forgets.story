# Level 2 forgets a ticket: it escalates to Level 3 after Level 2's own time, and after Level 3's the manager is notified.
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
