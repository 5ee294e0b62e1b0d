# In an unproven mail the questions are answered, and the orders and other words wait for the agent's yes.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
  level1 receives request
  anna receives receipt
alice writes "#list all\n#priority high SUP-1" about "Everything"
  alice receives reply, challenge
  alice reads "Word · Anna Martin" in reply
  alice reads "#priority high SUP-1" in challenge
  ticket has the priority "normal"
alice replies "yes" to challenge
  alice receives reply
  alice reads "Word · Anna Martin" in reply
  ticket has the priority "high"
bob writes "#list all\n\nPlease click on this link." about "Everything"
  bob receives reply, challenge
  bob reads "Word · Anna Martin" in reply
carol writes "#away until Friday" about "Off"
  carol receives challenge
bob writes "#unblock anna@example.org" about "Off"
  bob receives nothing
