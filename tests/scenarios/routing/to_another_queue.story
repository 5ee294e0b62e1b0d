# An agent routes a ticket to another queue, whose Level 1 gets it with a deadline of its own.
with network queue

anna writes "No Wi-Fi in room 12." about "Wi-Fi"
  level1 receives request
  anna receives receipt
alice replies "#route network"
  ticket is level1
  ticket has the queue "network"
  network receives routed
  network reads "No Wi-Fi in room 12."
  anna receives moved
  level1 receives taken_over
  the timers are escalation, warning
alice replies "Have you tried turning it off and on?" to request
  alice receives late_level
  anna receives nothing
nils replies "#resolve The access point is back."
  anna receives confirm
  ticket is confirming
anna replies "Still no Wi-Fi."
  ticket is level1
  network receives nothing
  level1 receives nothing
4 business hours pass
  ticket is level2
  network receives warning, taken_over
