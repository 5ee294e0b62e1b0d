# A request from a queue's mailbox belongs to that queue only if it names no address of the desk.
with network queue

anna writes "No Wi-Fi in room 12." about "Wi-Fi" to it@example.org into the mailbox of network@example.com
  ticket has the queue "network"
  network receives request
  network reads not "addressed to the desk" in request
  the history says not "names no address"
ben writes "Word does not start." about "Word" to support@example.com into the mailbox of network@example.com
  ticket has the queue "default"
  level1 receives request
