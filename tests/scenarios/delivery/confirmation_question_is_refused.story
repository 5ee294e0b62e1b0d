# The relay refuses the confirmation question, and Level 1 is asked at once, as for a bounce.

anna writes "Word does not start." about "Word"
  level1 receives request
the relay is refusing anna
alice replies "#resolve I reinstalled Word."
  level1 receives copy, decision
  ticket is confirming
  the timers are decision
