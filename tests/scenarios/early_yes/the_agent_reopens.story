# An agent who knows better opens the ticket again with the ready line.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
anna replies "It works now." to answer
  level1 receives request, copy
  alice receives early_yes
alice replies "#reopen the requester meant something else" to early_yes
  ticket is level1
