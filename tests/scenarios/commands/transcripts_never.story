# A desk that wants no transcript gets none, and what cannot be done comes back all the same.
with [agents] transcripts = "never"

anna writes "Word does not start." about "Word"
alice replies "#take"
alice replies "#undo" to request
  alice receives nothing
  ticket has the assignee ""
alice replies "#route nowhere" to request
  alice receives not_possible
