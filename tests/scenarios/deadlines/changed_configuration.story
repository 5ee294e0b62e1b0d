# The allowed time is changed in the configuration: open tickets are planned again once, and the operator is informed.

anna writes "The printer is broken." about "Printer"
  level1 receives request
ben writes "The mouse is broken." about "Mouse"
alice replies "#resolve A new one lies on the desk." to request of ticket 2
1 business hour passes
the desk starts again with [levels.level1] resolve_within = "8 business hours"
  operator receives alarm
  operator reads "The configuration of the queue Support changed. Open tickets with a new deadline: 1. Overdue: 0."
  the history says "replanned: the configuration changed: due 2026-11-23 18:00 instead of 2026-11-23 14:00 (Europe/Paris)"
  ticket 1 has the promise due "2026-11-23 17:00:00+00:00"
4 business hours pass
  ticket 1 is level1
  operator receives nothing
the desk starts again with [desk] closing_days = ["2026-11-24"]
  operator receives alarm
  ticket 1 has the promise due "2026-11-23 17:00:00+00:00"
  ticket 2 is confirming
the desk starts again with [levels.level1] resolve_within = "2 business hours"
  ticket 1 is level2
  level1 receives request, copy, taken_over
