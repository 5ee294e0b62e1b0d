# The requester only says thanks: Level 1 gets the mail, and the requester is not asked again.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  level1 receives request, copy
anna replies "Thank you very much!"
  ticket is confirming
  anna receives nothing
  level1 receives unclear
  the timers are decision, reminder
2 business days pass
  anna receives reminder
