# A desk that wants a transcript for every order gets one.
with [agents] transcripts = "always"

anna writes "Word does not start." about "Word"
alice replies "#time 15m\n#note She is in a hurry."
  alice receives transcript
  alice reads "#time: 15 min logged, 15 min in total"
  alice reads "To undo this, reply with #undo."
alice replies "#link no\n#resolve Reinstalled." to request
  alice receives transcript
  alice reads "your replies go to this ticket only again"
  alice reads "anna@example.org: the solution and the question whether it’s solved"
  alice reads "level1@example.com: a copy"
  alice reads not "To undo this"
