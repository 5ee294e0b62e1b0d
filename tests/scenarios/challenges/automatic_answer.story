# An out-of-office reply to the question whether a mail is genuine is no answer.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word." without a token
  alice receives challenge
alice is away and answers automatically "I am on holiday until Monday." to challenge
  the journal says ignored: "no answer to HOLD-1"
  ticket is level1
alice replies "yes" to challenge
  ticket is confirming
