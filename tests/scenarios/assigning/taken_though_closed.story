# An agent who takes a closed ticket reads that it is closed, and how to open it.

anna writes "Word does not start." about "Word"
alice replies "#close withdrawn"
  ticket is finalizing
bob replies "#take" to request
  bob receives transcript
  bob reads "- #take: the ticket is now yours, but it’s already resolved or closed: #reopen opens it again"
7 days pass
  ticket is closed
alice replies "#take" to request
  alice receives transcript
  alice reads "- #take: the ticket is now yours, but it’s already resolved or closed: #reopen opens it again"
alice replies "#reopen she called\n#take" to request
  ticket is level1
  alice receives not_fixed
alice replies "#take" to request
  alice receives nothing
