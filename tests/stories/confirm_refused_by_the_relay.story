# The question whether it works is refused by the relay: as a bounce, it asks Level 1 at once.

anna writes "Word does not start." about "Word"
  level1 receives request
the relay is refusing anna
alice replies "#resolve I reinstalled Word."
  level1 receives copy, decision
  ticket is confirming
  the timers are decision
