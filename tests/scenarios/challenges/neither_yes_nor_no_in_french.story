# A French agent answers neither yes nor no, and learns in French how to answer.
with [desk] languages = ["fr", "en"]

anna writes "Word ne démarre plus." about "Word"
alice replies "#résoudre Relancez Word." without a token
  alice receives challenge
alice replies "C'est quoi ?" to challenge
  ticket is level1
  alice receives challenge
  alice reads "Nous n’avons pas compris si votre réponse était oui ou non"
alice replies "Oui, c'est bien moi" to challenge
  ticket is confirming
