# A mail in the requester's name that nothing proves copies a stranger: Level 1 is asked with a ready line.

anna writes "Word does not start." about "Word"
  level1 receives request
anna replies "It is urgent." without a token with the header "Cc: mallory@evil.example"
  level1 receives message
  level1 reads "we couldn’t verify the sender"
  level1 reads "#cc mallory@evil.example"
alice replies "Please restart."
  anna receives receipt, answer
  mallory receives nothing
alice replies "#cc mallory@evil.example"
alice replies "Please restart again."
  mallory receives answer
