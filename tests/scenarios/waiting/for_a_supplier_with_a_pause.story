# Where the queue allows it, the clock stands while a supplier has to act; the requester's mail does not end that.
with [agents] transcripts = "always"
with [waiting] pause_for_third_parties = true

anna writes "The copier smells of smoke." about "Copier"
1 business hour passes
alice replies "#waiting HP"
  anna receives receipt
  level1 receives request
  alice receives transcript
  alice reads "#waiting: the desk is waiting for HP and reminds you; the requester isn’t asked anything, and the deadline is paused"
  the timers are answer warning, third party
anna replies "Is there any news?"
  level1 receives message
  level1 reads "Waiting for: HP" in message
  level1 reads not "Due:" in message
  the timers are answer warning, third party
2 business days pass
  level1 receives answer_warning, third_party_reminder
  level1 reads "The deadline is paused until you act."
4 business days pass
  level1 receives third_party_reminder, third_party_reminder
  manager receives manager_decision
  manager reads "HP hasn’t answered. We’ve reminded the level 2 times."
  ticket is level1
alice replies "#take"
  alice receives transcript
  ticket has the promise due "2026-12-01 13:00:00+00:00"
  the timers are escalation, warning
2 business hours pass
  ticket is level1
1 business hour passes
  ticket is level2
