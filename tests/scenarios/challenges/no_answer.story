# An agent does not answer within three days: nothing is done, and their level gets the mail to read.
with [levels.level1] resolve_within = "20 business days"

anna writes "Word does not start." about "Word"
  level1 receives request
alice replies "#waiting\nWhich version is it?" without a token
  alice receives challenge
  alice reads "After 3 days your level gets a copy to read"
2 days pass
  level1 receives nothing
1 day passes
  level1 receives held
  level1 reads "Which version is it?"
  level1 reads "nobody answered in time"
  anna receives receipt
  operator receives nothing
alice replies "yes" to challenge
  the journal says ignored: "HOLD-1 is expired"
  anna receives nothing
