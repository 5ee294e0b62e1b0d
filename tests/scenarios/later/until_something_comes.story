# A ticket that was put off is back as soon as the requester writes, and #later off brings it back, too.
with [agents] transcripts = "always"
with [levels.level1] resolve_within = "10 business days"

anna writes "Word does not start." about "Word"
alice replies "#take"
alice replies "#later 4 December 14:00" to request
  the timers are escalation, later, warning
anna replies "Now Excel does not start either."
  alice receives transcript, transcript, message
  the timers are escalation, warning
alice replies "#later 2 business days" to request
  alice receives transcript
alice replies "#later off" to request
  alice receives transcript
  alice reads "#later: back in the lists"
  the timers are escalation, warning
alice replies "#later yesterday" to request
  alice receives mistyped
  alice reads "Write “#later Friday”."
alice replies "#later 2026-11-20" to request
  alice receives not_possible
  alice reads "“2026-11-20” isn’t a time in the future"
  anna receives receipt
