# A bare yes while a level works answers the level: it is passed on as a message and withdraws nothing.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
anna replies "Yes." to answer
  ticket is level1
  level1 receives request, copy
  alice receives message
