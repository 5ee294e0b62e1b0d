# A French agent answers neither yes nor no, and learns in French how to answer.
with [desk] languages = ["fr", "en"]

anna writes "Word ne démarre plus." about "Word"
alice replies "#résoudre Relancez Word." without a token
  alice receives challenge
alice replies "C'est quoi ?" to challenge
  ticket is level1
  alice receives challenge
  alice reads "n'est ni un oui ni un non"
alice replies "Oui, c'est bien moi" to challenge
  ticket is confirming
