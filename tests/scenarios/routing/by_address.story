# A request to another queue's address opens a ticket in that queue.
with network queue

anna writes "No Wi-Fi in room 12." about "Wi-Fi" to network@example.com
  ticket has the queue "network"
  network receives request
  level1 receives nothing
  anna receives receipt
