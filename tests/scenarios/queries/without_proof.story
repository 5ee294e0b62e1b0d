# Questions in an agent's name wait for proof before a ticket is shown.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
  level1 receives request
  anna receives receipt
alice writes "#list all\n#show SUP-1" about "Everything"
  alice receives challenge
  there is 1 ticket
  alice never reads "Word."
  alice never reads "Anna"
alice replies "yes" to challenge
  alice receives shown, reply
  alice reads "Word · Anna Martin" in reply
  there is 1 ticket
anna writes "#list all" about "Everything else"
  there are 2 tickets
  anna receives receipt
  level1 receives request
bob writes "#requester ben@example.org\n\nHe phoned." about "Mouse"
  bob receives challenge
  ben receives nothing
  there are 2 tickets
bob replies "yes" to challenge
  there are 3 tickets
  ben receives receipt
  level1 receives request
  bob receives nothing
