# What is not clearly a yes carries nothing out: a question is a no, in any language, and so is the command.

anna writes "Word does not start." about "Word"
alice replies "#resolve Call 0900-555." without a token
alice replies "What is this about?" to challenge
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
