# Nobody answers the confirmation question: reminders, then Level 1 is asked, the third time the manager as well.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  anna reads "If we don’t hear from you by Wednesday 25 November at 09:00 (Paris time), we’ll send you a reminder."
  level1 receives request, copy
2 business days pass
  anna receives reminder
  anna reads "I reinstalled Word."
3 business days pass
  anna receives reminder
  anna reads "This is our last reminder. If we don’t hear from you, we may close your request."
  level1 receives nothing
2 business days pass
# The question is asked when the desk opens next.
  level1 receives nothing
1 business day passes
  level1 receives decision
  ticket is confirming
2 business days pass
  level1 receives decision
  manager receives nothing
2 business days pass
  level1 receives decision
  manager receives manager_decision
  anna receives nothing
  ticket is confirming
alice replies "#close She told me on the phone that it works."
  ticket is finalizing
  anna receives final
  the timers are objection
