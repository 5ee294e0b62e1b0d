# Level 2 escalates to Level 3, Level 3 resolves, and "not fixed" goes back to Level 3.
with level3

anna writes "The cluster lost data." about "Cluster"
alice replies "#escalate"
  anna receives receipt, escalated
carol replies "#escalate The vendor has to see this."
  ticket is level3
  level3 receives escalation
  level3 reads "The vendor has to see this."
  level2 receives escalation
  anna receives escalated
carol replies "#resolve Restored." to escalation
  carol receives late_level
  ticket is level3
dora replies "#resolve Restored from the backup."
  ticket is confirming
  anna receives confirm
  level1 receives request, taken_over, solution
  level3 receives nothing
anna replies "Not fixed, half of the files are missing."
  ticket is level3
  level3 receives nothing
  anna receives reopened
