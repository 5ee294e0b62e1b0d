# Another person confirms with the requester's token: Level 1 gets the mail, and the requester is asked once.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  level1 receives request, copy
zoe replies "resolved" to anna's confirm
  ticket is confirming
  level1 receives unclear
  anna receives somebody_answered
zoe replies "resolved, I said" to anna's confirm
  ticket is confirming
  level1 receives unclear
  anna receives nothing
  zoe receives nothing
anna replies "Yes, it is resolved."
  ticket is finalizing
