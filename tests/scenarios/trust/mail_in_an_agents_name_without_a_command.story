# A mail in an agent's name without a token waits for proof, unless it shows that the requester already has it.
# Where the requester is addressed, the mail is recorded, and its readers learn that nothing proves who wrote it.

anna writes "Word does not start." about "Word"
  anna receives receipt
  level1 receives request
alice replies "I have told Anna that all is well." without a token
  alice receives challenge
  the history says "waits until the sender is verified: HOLD-1"
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
  level2 reads "alice@example.com · replied to the requester (seen in Cc, sender not verified)"
