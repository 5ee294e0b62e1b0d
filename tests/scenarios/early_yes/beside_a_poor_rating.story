# Beside a rating of 1 or 2 the statement that it works moves nothing.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
anna replies "It works again. Rating: 1 of 5" to answer
  ticket is level1
  level1 receives request, copy
  alice receives message
