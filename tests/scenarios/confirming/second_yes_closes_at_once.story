# A second yes of the requester ends the objection window at once.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  ticket is finalizing
anna replies "Yes, everything works."
  ticket is closed
  anna receives receipt, confirm, final
  level1 receives request, copy, closed
  the timers are none
