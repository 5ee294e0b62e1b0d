# A question in a reply without a token is answered to the agent's own address; an order beside it waits.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
  level1 receives request
  anna receives receipt
alice replies "#list all\n#explain" without a token
  alice receives reply
  alice reads "Word · Anna Martin" in reply
  alice reads "it was a new request, so a ticket was opened"
alice replies "#list all\n#close no answer" without a token
  alice receives reply, challenge
  ticket is level1
alice replies "no" to challenge
  level1 receives held
  ticket is level1
