# An agent writes #help and gets every command and every queue.
with network queue

anna writes "No network in room 12." about "Network"
alice replies "#help"
  alice receives help
  alice reads "#route QUEUE REASON: to another queue (queues: default, network)"
  alice reads "#undo: takes your last step back"
