# An agent denies a mail in their name: nothing is done, their level reads it, and the operator gets an alarm.

anna writes "Word does not start." about "Word"
  anna receives receipt
  level1 receives request
alice replies "#resolve Call 0900-555." without a token
  alice receives challenge
alice replies "No, I never wrote that!" to challenge
  ticket is level1
  anna receives nothing
  level1 receives held
  level1 reads "Call 0900-555."
  level1 reads "they said no: they didn’t send this email. We didn’t do or send anything."
  operator receives alarm
  operator reads "alice@example.com reports forged email in this name"
  the history says "proof never came: HOLD-1: denied"
alice replies "yes" to challenge
  the journal says ignored: "HOLD-1 is refused"
  ticket is level1
  level1 receives nothing
