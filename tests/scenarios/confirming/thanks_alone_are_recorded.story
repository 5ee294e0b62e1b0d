# The requester only says thanks: nobody gets a mail about it, and the next one to Level 1 says so.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  level1 receives request, copy
anna replies "Thank you very much!"
  ticket is confirming
  anna receives nothing
  level1 receives nothing
  the history says "thanks"
  the timers are decision, reminder
2 business days pass
  anna receives reminder
anna replies "I shall try it tomorrow."
  level1 receives unclear
  level1 reads "Anna Martin said thank you on Monday 23 November at 09:00 (Paris time), but hasn’t said whether it works."
  anna receives clarify
7 business days pass
  level1 reads "Anna Martin said thank you on Monday 23 November" in decision
# A better solution is a new question.
alice replies "#resolve I reinstalled Windows."
  level1 reads not "said thank you" in copy
