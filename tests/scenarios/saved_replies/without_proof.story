# A saved reply that is ordered without proof goes to nobody until the agent says that it was them.
with [knowledge] replies = "replies"

the file replies/password-reset.md says "Hello {name}, your password is reset."
anna writes "I forgot my password." about "Login"
  anna receives receipt
alice replies "#reply password-reset" without a token
  anna receives nothing
  alice receives challenge
  alice never reads "your password is reset"
alice replies "yes" to challenge
  anna receives answer
  anna reads "Hello Anna Martin, your password is reset."
