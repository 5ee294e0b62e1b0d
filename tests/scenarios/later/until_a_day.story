# An agent puts a ticket off: the lists leave it out until then, the time allowed runs on, and it comes back with a mail.
with [agents] transcripts = "always"
with [trust] authserv_id = ["mx.example.com"]
with [levels.level1] resolve_within = "10 business days"

anna writes "Word does not start." about "Word"
alice replies "#take"
alice replies "#later Friday" to request
  alice receives transcript, transcript
  alice reads "#later: postponed until Friday 27 November at 09:00 (Paris time); the deadline keeps running"
  the timers are escalation, later, warning
alice writes "#list\n#list later\n#list all" and the pinned server says pass
  alice receives reply
  alice reads "Assigned to you (0)"
  alice reads "Postponed (1)"
  alice reads "with Level 1 · postponed until Friday 27 November, 09:00"
  alice reads "All open tickets (1)"
4 business days pass
  alice receives back
  alice reads "This ticket was postponed on Monday 23 November at 09:00 (Paris time). It’s now back in the lists."
  level1 receives request
  anna receives receipt
alice writes "#list\n#list later" and the pinned server says pass
  alice receives reply
  alice reads "Assigned to you (1)"
  alice reads "Postponed (0)"
