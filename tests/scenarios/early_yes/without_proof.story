# Without a token or the pinned server's pass nothing is finalized, and the level reads the warning.
with [trust] authserv_id = ["mx.example.com"]

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
anna replies "It works now." without a token
  ticket is level1
  level1 receives request, copy
  alice receives withdrawal
  alice reads "we couldn’t verify the sender"
anna replies "It works now." without a token and the pinned server says pass
  ticket is finalizing
