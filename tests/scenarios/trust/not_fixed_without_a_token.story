# "Not fixed" in the requester's name without a token reopens nothing, and Level 1 gets the mail.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  level1 receives request, copy
anna replies "not fixed" without a token
  ticket is confirming
  level1 receives unclear
  level1 reads "We couldn’t verify the sender of this message"
  anna receives receipt, confirm, clarify
anna replies "not fixed" to clarify
  ticket is level1
  level1 receives nothing
  alice receives not_fixed
