# Somebody writes in an agent's name about a ticket, without an order. Where the requester is not addressed, nobody has
# answered him: it is a mail without proof, and the agent is asked.

anna writes "Word does not start." about "Word"
  anna receives receipt
  level1 receives request
alice replies "I have told Anna that all is well." without a token
  alice receives challenge
  the history says "waits for proof: HOLD-1"
alice replies "no" to challenge
  anna receives nothing
  level1 receives held
  operator receives alarm
# Where the requester is addressed he may have it; whoever reads the story is told that nothing proves whose it is.
alice replies "I have told you that all is well." without a token with the header "Cc: anna@example.org"
  alice receives nothing
  the history says "answer seen in copy: without proof"
alice replies "#escalate I have no key." to request
  level2 receives escalation
  level2 reads "or somebody else in that name answered the requester"
