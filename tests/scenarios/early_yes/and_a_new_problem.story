# Besides the statement that it works there is another problem: the level reads it and can split it off.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
anna replies "It works again, thanks. Another thing: my printer does not print." to answer
  ticket is finalizing
  level1 receives request, copy
  alice receives early_yes
  alice reads "#split"
  alice reads "#reopen"
alice replies "#split Printer" to early_yes
  there are 2 tickets
