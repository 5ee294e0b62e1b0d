# A request that names no address of the desk goes to the default queue, and Level 1 is informed.
with network queue

anna writes "No Wi-Fi in room 12." about "Wi-Fi" to it@example.org into the mailbox
  ticket has the queue "default"
  the history says "a new request; it names no address of the desk: to it@example.org"
  level1 receives request
  level1 reads "It wasn’t addressed to the desk but to it@example.org."
  level1 reads "reply with #route and its name: network."
  anna receives receipt
  anna never reads "it@example.org"
alice replies "#route network"
  ticket has the queue "network"
  network receives routed
