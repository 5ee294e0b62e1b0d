# A yes in the requester's name without a token confirms nothing, and the requester is asked to clarify.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  level1 receives request, copy
anna replies "resolved" without a token
  ticket is confirming
  level1 receives unclear
  the history says "no token"
  anna receives clarify
