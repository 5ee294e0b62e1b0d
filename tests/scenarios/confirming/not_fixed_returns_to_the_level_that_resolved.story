# "Not fixed" returns the ticket to the level that resolved it with a new deadline; the second one at Level 1 escalates.

anna writes "Word does not start." about "Word"
  anna receives receipt
3 business hours pass
alice replies "#resolve Please restart your computer."
  anna receives confirm
anna replies "not fixed"
  ticket is level1
  anna receives reopened
  level1 receives request, warning, copy
  alice receives not_fixed
  the timers are escalation, warning
3 business hours pass
  ticket is level1
alice replies "#resolve I reinstalled Word."
  anna receives confirm
anna replies "No, it still does not start."
  ticket is level2
  anna receives escalated
  level1 receives warning, taken_over
  level2 receives escalation
  level2 reads "I reinstalled Word."
  level2 reads "it still does not start"
