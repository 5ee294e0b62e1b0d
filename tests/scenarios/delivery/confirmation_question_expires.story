# The confirmation question is delayed, which changes nothing; when the relay gives up, Level 1 is asked.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  level1 receives request, copy
anna's confirm is late
  level1 receives nothing
anna's confirm bounces with the status 4.4.7
  ticket is confirming
  level1 receives decision
  the timers are decision
