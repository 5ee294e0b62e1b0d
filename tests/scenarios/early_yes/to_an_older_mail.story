# A statement in reply to a mail that is older than the agent's answer is no yes to it; the level is told.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
anna replies "It works now." to receipt
  ticket is level1
  level1 receives request, copy
  alice receives withdrawal
  the history says "older than the last answer"
