# A ticket is shown to the agent's own address without proof; its history says that the sender was not verified.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
  level1 receives request
  anna receives receipt
alice writes "#list all\n#show SUP-1" about "Everything"
  alice receives shown, reply
  alice reads "Word · Anna Martin" in reply
  the history says "show: #show SUP-1, sender not verified (alice@example.com)"
  ticket is level1
alice replies "Please restart it." to shown
  anna receives answer
