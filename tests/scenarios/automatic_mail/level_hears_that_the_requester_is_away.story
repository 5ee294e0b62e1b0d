# A vacation note of the requester moves nothing; the level reads it in the next mail, until the requester writes again.

anna writes "Word does not start." about "Word"
alice replies "#waiting Which version is it?"
  anna receives receipt, question
  level1 receives request, copy
  level1 reads not "Automatic reply"
anna is away and answers automatically "I am out of the office until 7 December." to question
  level1 receives nothing
  anna receives nothing
  ticket is level1
alice replies "#note I shall wait."
  alice receives nothing
8 business days pass
  level1 receives waiting_decision
  level1 reads "> I am out of the office until 7 December."
anna replies "It is Word 2024." to question
alice replies "Please restart it."
  level1 receives nothing
  alice receives message
