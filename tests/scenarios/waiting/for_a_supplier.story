# An agent waits for a supplier: the requester hears it with the answer, the agent is reminded, and the clock runs on.
with [agents] transcripts = "always"
with [levels.level1] resolve_within = "10 business days"

anna writes "The copier smells of smoke." about "Copier"
  anna receives receipt
  level1 receives request
alice replies "#take"
  alice receives transcript
alice replies "#waiting for HP until Friday\n\nDear Anna, do not use it: HP sends a technician." to request
  anna receives answer
  anna reads "HP sends a technician. We’re waiting for HP. You’ll hear from us by 27 November 2026."
  level1 receives copy
  alice receives transcript
  alice reads "#waiting: the desk is waiting for HP and reminds you on Friday 27 November at 09:00 (Paris time); the requester isn’t asked anything, and the deadline keeps running"
  the timers are escalation, third party, warning
4 business days pass
  alice receives third_party_reminder
  alice sees the subject "Re: Copier [SUP-1]"
  alice reads "Waiting for: HP, since Monday 23 November at 09:00 (Paris time) - Due: Monday 7 December at 09:00"
  alice reads "#waiting HP until Friday"
  anna receives nothing
2 business days pass
  alice receives third_party_reminder
  alice reads "This is reminder 2"
alice replies "#take" to third_party_reminder
  alice receives transcript
  the timers are escalation, warning
