# A question that changes nothing is answered to the agent's own address without proof, unless the server says fail.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
  level1 receives request
  anna receives receipt
alice writes "#list all\n#find word\n#explain SUP-1\n#blocked\n#help\n\nAlice" about "Everything"
  alice receives reply
  alice reads "Word · Anna Martin" in reply
  there is 1 ticket
alice writes "#list all" about "Everything" and the pinned server says fail
  alice receives challenge
  there is 1 ticket
