# The time until the statement counts as the solution: the promise of the level is kept.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
1 business hour passes
anna replies "It works now." to answer
  ticket is finalizing
10 business days pass
  ticket is closed
  level1 receives request, copy, closed
  alice receives early_yes
  level2 receives nothing
  manager receives nothing
