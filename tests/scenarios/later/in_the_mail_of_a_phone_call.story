# An agent writes down a phone call, puts it off and names whom the desk waits for, all in one mail.
with [agents] read_mailbox = false
with [levels.level1] resolve_within = "10 business days"
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester anna@example.org\n#later Friday\n#waiting HP until Thursday\n\nThe copier smells of smoke." and the pinned server says pass
  anna receives receipt
  alice receives reply
  alice reads "#waiting: the desk is waiting for HP and reminds you on Thursday 26 November at 09:00 (Paris time)"
  alice reads "#later: postponed until Friday 27 November at 09:00 (Paris time)"
  the timers are escalation, later, third party, warning
