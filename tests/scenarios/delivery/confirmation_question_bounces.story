# The confirmation question bounces: Level 1 is asked at once and repeatedly, and no reminder is sent.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  level1 receives request, copy
anna's confirm bounces
  ticket is confirming
  level1 receives decision
  the timers are decision
# Then as after silence: when the desk opens next.
3 business days pass
  level1 receives decision
2 business days pass
  level1 receives decision
  manager receives manager_decision
  anna receives nothing
