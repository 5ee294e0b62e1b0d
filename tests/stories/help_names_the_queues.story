# #help lists every command, and the queues that there are.
with network queue

anna writes "No network in room 12." about "Network"
alice replies "#help"
  alice receives help
  alice reads "#route QUEUE REASON: to another queue (queues: default, network)"
  alice reads "#undo: takes your last step back"
