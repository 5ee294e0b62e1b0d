# A requester who is away gets a mail: where no copy tells the agent, a transcript quotes the vacation note.

anna writes "Word does not start." about "Word"
anna is away and answers automatically "I am out of the office until 7 December." to receipt
  level1 receives request
alice replies "#resolve Word was reinstalled."
  alice receives nothing
  level1 receives copy
  level1 reads "Automatic reply from Anna Martin, 23 November 2026: > I am out of the office until 7 December."
alice replies "#close withdrawn" to request
  level1 receives nothing
  alice receives transcript
  alice reads "Automatic reply from Anna Martin, 23 November 2026: > I am out of the office until 7 December."
