# The relay is down for two days: nothing is lost, and everything leaves in the order it was written.

anna writes "Word does not start." about "Word"
  anna receives receipt
the relay is down
alice replies "Please restart."
alice replies "Please log off, too."
alice replies "#resolve I reinstalled Word."
  anna receives nothing
47 hours pass
  anna receives nothing
the relay is up
2 hours pass
  anna receives answer, answer, confirm, reminder
  level1 receives request, copy
  ticket is confirming
