# An address outside the ticket says with a right token that it works: the level is told, and nothing moves.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
zoe replies "It works now." to anna's answer
  ticket is level1
  level1 receives request, copy
  alice receives message
