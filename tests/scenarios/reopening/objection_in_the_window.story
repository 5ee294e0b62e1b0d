# The requester objects within the objection window, and the ticket goes back to Level 1.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  ticket is finalizing
  anna receives receipt, confirm, final
2 business days pass
anna replies "It crashed again, so it is not fixed."
  ticket is level1
  anna receives reopened
  level1 receives request, copy
  alice receives not_fixed
  the timers are escalation, warning
