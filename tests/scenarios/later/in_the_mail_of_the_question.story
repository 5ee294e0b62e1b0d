# An agent asks the requester and puts the ticket off in one mail: the first reminder comes after that day, not before.
with [agents] transcripts = "always"
with [[promises]] priority = ["urgent"]
with [[promises]] resolve_within = "1 business hour"

anna writes "My account is locked." about "Account"
alice replies "#later 4 December\n#waiting\n\nWhich account is it?"
  anna receives receipt, question
  anna reads "If we don’t hear from you by Friday 4 December at 09:00 (Paris time), we’ll send you a reminder."
  alice receives transcript
  alice reads "#later: postponed until Friday 4 December at 09:00 (Paris time); the deadline is paused, and the requester gets no reminder until then"
  alice reads "- Status: with Level 1 - Waiting for: the requester (the deadline is paused)"
alice replies "#priority urgent" to request
  alice reads "#priority: the priority is now urgent No one was notified."
8 business days pass
  anna receives nothing
1 business day passes
  anna receives waiting_reminder
  alice receives transcript, back
