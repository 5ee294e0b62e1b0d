# An agent writes #help and gets every command and every queue.
with network queue

anna writes "No network in room 12." about "Network"
alice replies "#help"
  alice receives help
  alice reads "#route QUEUE REASON: moves the ticket to another queue (default, network)"
  alice reads "#undo: undoes your last step"
