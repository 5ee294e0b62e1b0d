# An agent writes down a phone call, puts it off and names whom the desk waits for, all in one mail.
with [agents] read_mailbox = false
with [levels.level1] resolve_within = "10 business days"
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester anna@example.org\n#later Friday\n#waiting HP until Thursday\n\nThe copier smells of smoke." and the pinned server says pass
  anna receives receipt
  alice receives reply
  alice reads "#waiting: the desk waits for HP and reminds you on Thursday 26 November at 09:00 (Europe/Paris)"
  alice reads "#later: out of the lists until Friday 27 November at 09:00 (Europe/Paris)"
  the timers are escalation, later, third party, warning
