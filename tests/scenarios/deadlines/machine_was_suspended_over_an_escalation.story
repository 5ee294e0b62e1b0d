# The machine was suspended over an escalation: no late warning is sent, and the ticket escalates once.

anna writes "The printer is broken." about "Printer"
  anna receives receipt
  level1 receives request
the machine sleeps for 1 business day
  level1 receives taken_over
  level2 receives escalation
  anna receives escalated
  ticket is level2
  the history says "timer warning"
