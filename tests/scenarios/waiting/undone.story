# An agent takes the wait for a supplier back, and the clock runs as before.
with [agents] transcripts = "always"
with [waiting] pause_for_third_parties = true

anna writes "The copier smells of smoke." about "Copier"
1 business hour passes
alice replies "#waiting HP until Friday\n#later Thursday" to request
  the timers are answer warning, later, third party
alice replies "#undo" to transcript
  the timers are escalation, warning
  ticket has the promise due "2026-11-23 13:00:00+00:00"
