# Thanks alone is courtesy, no answer: Level 1 is told, the requester is not bothered, the reminders go on.

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
