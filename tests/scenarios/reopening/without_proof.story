# "Not fixed" without proof reopens no closed ticket: Level 1 reads it and decides. A yes needs no proof.

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
