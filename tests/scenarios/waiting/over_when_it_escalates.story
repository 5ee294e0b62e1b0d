# A wait that names no time, or whose time is over, ends when the ticket goes to another level.
with [levels.level1] resolve_within = "4 business days"

anna writes "The copier smells of smoke." about "Copier"
ben writes "The scanner is slow." about "Scanner"
alice replies "#waiting HP\n\nThey call you." to request of ticket 1
alice replies "#waiting HP until tomorrow\n\nThey call you." to request of ticket 2
  the timers are escalation, third party, warning
2 business days pass
alice replies "#escalate" to request of ticket 1
alice replies "#escalate" to request of ticket 2
  level2 receives escalation, escalation
  level2 reads not "Waiting for"
  the timers are escalation, warning
