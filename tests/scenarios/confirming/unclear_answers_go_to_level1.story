# An unclear answer closes nothing: Level 1 gets every one, and the requester is asked to clarify once.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  level1 receives request, copy
anna replies "I will test it tomorrow."
  ticket is confirming
  anna receives clarify
  level1 receives unclear
  level1 reads "I will test it tomorrow."
anna replies "I think it should be fine."
  ticket is confirming
  anna receives nothing
  level1 receives unclear
anna replies "resolved" to clarify
  ticket is finalizing
  anna receives final
