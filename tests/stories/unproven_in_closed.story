# A closed ticket: what only bears the requester's name opens nothing again. Level 1 reads it at once and decides; a yes
# or thanks need no proof, since they do nothing.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
3 business days pass
  ticket is closed
  level1 receives request, copy, closed
anna replies "It is broken again." without a token
  ticket is closed
  level1 receives unclear
  level1 reads "It is broken again."
anna replies "resolved" without a token
  level1 receives nothing
alice replies "#reopen she called" to unclear
  ticket is level1
