# The requester objects to a closing that their own words have caused, and the level that answered gets the ticket back.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
anna replies "It works now." to answer
  ticket is finalizing
anna replies "not fixed" to final
  ticket is level1
  anna receives receipt, answer, final, reopened
  level1 receives request, copy
  alice receives early_yes, not_fixed
