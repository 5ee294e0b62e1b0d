# With early_yes = "tell" the level decides, as before.
with [confirmation] early_yes = "tell"

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
anna replies "Thanks, I am in again." to answer
  ticket is level1
  level1 receives request, copy
  alice receives withdrawal
