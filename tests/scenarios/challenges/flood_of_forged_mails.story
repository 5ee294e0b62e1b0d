# Many forged mails in one agent's name cause one question, and those beyond the limit go to the level at once.
with [limits] held_mails = 2

anna writes "Word does not start." about "Word"
  level1 receives request
alice replies "#close no answer" without a token
alice replies "#close withdrawn" without a token
alice replies "#close duplicate SUP-7" without a token
  alice receives challenge
  level1 receives held
  level1 reads "are already waiting for an answer"
  operator receives alarm
  ticket is level1
