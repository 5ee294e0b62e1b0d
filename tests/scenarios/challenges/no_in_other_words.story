# An agent denies a mail in their own words, in another language or by a command, and nothing is done.

anna writes "Word does not start." about "Word"
alice replies "#resolve Call 0900-555." without a token
alice replies "It wasn't me." to challenge
  ticket is level1
  level1 receives request, held
alice replies "#resolve Call 0900-556." without a token
alice replies "#rejeter" to challenge
  ticket is level1
  level1 receives held
alice replies "#resolve Call 0900-557." without a token
alice replies "Nein, das war ich nicht." to challenge
  ticket is level1
  level1 receives held
  alice receives challenge, challenge, challenge
  anna receives receipt
