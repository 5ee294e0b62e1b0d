# An address that does not exist gets nothing more: Level 1 decides at once, and nobody waits for an answer.

anna writes "Word does not start." about "Word"
alice replies "Please restart."
anna's answer bounces
  level1 receives request, copy, failed
  level1 reads "#unblock"
alice replies "#resolve I reinstalled Word." to request
  level1 receives decision
  level1 reads "#unblock"
  anna receives receipt, answer
  ticket is confirming
  the timers are decision
# What was said is sent again once somebody says that the address is right.
alice replies "#unblock" to decision
  alice receives reply
alice replies "#resolve I reinstalled Word." to decision
  anna receives confirm
