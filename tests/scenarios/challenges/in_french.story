# A French agent is asked in French whether a mail is theirs, and denies it.
with [desk] languages = ["fr", "en"]

anna writes "Word ne démarre plus." about "Word"
alice replies "#résoudre Appelez le 0900-555." without a token
  alice receives challenge
  alice sees the subject "[HOLD-1] Cet e-mail vient-il bien de vous ?"
  alice reads "oui : l’e-mail vient de vous"
alice replies "Non, ce n'est pas moi." to challenge
  level1 receives request, held
  level1 reads "la réponse est non"
  ticket is level1
