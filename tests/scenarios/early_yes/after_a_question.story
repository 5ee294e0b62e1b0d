# A statement that it works in reply to an agent's question answers that question, with or without a question mark.

anna writes "The portal stays empty." about "Portal"
alice replies "Does it work in another browser?"
  level1 receives request, copy
anna replies "It works, thank you." to answer
  ticket is level1
  level1 receives nothing
  alice receives message
alice replies "Please let us know whether it works in Firefox."
  level1 receives nothing
anna replies "It works." to answer
  ticket is level1
  level1 receives nothing
  alice receives message
alice replies "I have cleared the cache of our server. Let me know if you have any questions."
  level1 receives nothing
anna replies "It works again." to answer
  ticket is finalizing
