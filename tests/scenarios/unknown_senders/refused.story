# A desk that refuses unknown senders tells them so once, and the operator may put the mail back.
with [directory] people = "people.csv"
with [directory] unknown = "refuse"

the file people.csv says "address,name\nanna@example.org,Anna Martin\n"
anna writes "Word does not start." about "Word"
  there is 1 ticket
  anna receives receipt
mallory writes "My shoes are the best." about "Shoes"
  there is 1 ticket
  mallory receives refused
  mallory never reads "hoes"
  mallory reads "ask your usual contact"
  level1 receives request
  the journal says ignored: "mallory@evil.example is unknown"
mallory writes "My hats are the best." about "Hats"
  mallory receives nothing
  the journal says ignored: "mallory@evil.example is unknown"
the operator puts the mail back
  there are 2 tickets
  mallory receives receipt
  level1 receives request
