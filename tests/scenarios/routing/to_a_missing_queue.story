# An agent routes a ticket to a queue that does not exist, gets the list of queues, and the ticket stays.
with network queue

anna writes "No Wi-Fi in room 12." about "Wi-Fi"
  anna receives receipt
alice replies "#route telephones"
  alice receives not_possible
  alice reads "network"
  ticket has the queue "default"
  anna receives nothing
