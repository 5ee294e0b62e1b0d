# A ticket of a second desk escalates in that desk's business hours and to its own Level 2.
with montreal queue

anna writes "The printer is broken." about "Printer" to aide@montreal.example
  anna receives receipt
  anna reads "on Monday 23 November at 08:00 (Toronto time)"
  montreal1 receives request
4.5 hours pass
  ticket is level1
3 hours pass
  ticket is level2
  montreal2 receives escalation
  montreal1 receives warning, taken_over
  anna receives escalated
lea replies "We look into it."
  anna receives answer
  level2 receives nothing
