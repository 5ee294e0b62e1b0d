# An agent puts a ticket off beyond the time allowed and reads when it ends; where it ends later, nothing is worth a mail.
with [levels.level1] resolve_within = "2 business days"

anna writes "Word does not start." about "Word"
alice replies "#take"
alice replies "#later tomorrow" to request
  alice receives nothing
alice replies "#later Friday" to request
  alice receives transcript
  alice reads "#later: postponed until Friday 27 November at 09:00 (Paris time); the deadline keeps running"
  alice reads "Due: Wednesday 25 November at 09:00 (Paris time)"
