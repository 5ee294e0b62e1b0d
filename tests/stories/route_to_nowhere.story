# A queue that does not exist: the agent is told which ones there are, and nothing moves.
with network queue

anna writes "No Wi-Fi in room 12." about "Wi-Fi"
  anna receives receipt
alice replies "#route telephones"
  alice receives not_possible
  alice reads "network"
  ticket has the queue "default"
  anna receives nothing
