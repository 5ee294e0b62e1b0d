# An agent routes a ticket with a reason, which only colleagues read.
with network queue

anna writes "No network in room 12." about "Network"
alice replies "#route network The switch in room 12 is dark."
  network receives routed
  network reads "The switch in room 12 is dark."
  ticket has the queue "network"
  anna never reads "switch"
  alice receives nothing
