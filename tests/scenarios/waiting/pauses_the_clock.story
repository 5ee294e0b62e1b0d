# #waiting pauses the deadline, and the requester's reply lets the rest of the time run.

anna writes "My account is locked." about "Account"
  anna receives receipt
  level1 receives request
1 business hour passes
alice replies "#waiting\nWhich account is it?"
  anna receives question
  anna reads "Which account is it?"
  level1 receives copy
  ticket is level1
  the timers are waiting decision, waiting reminder
1 business day passes
  ticket is level1
anna replies "The one for the payroll."
  level1 receives nothing
  alice receives message
  the timers are escalation, warning
2.5 business hours pass
  ticket is level1
30 business minutes pass
  ticket is level2
