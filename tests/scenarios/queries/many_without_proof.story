# Whoever forges questions in an agent's name cannot fill the agent's mailbox: after ten answers an hour, proof is asked.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives reply
alice writes "#help" about "Again"
  alice receives challenge
bob writes "#help" about "Once"
  bob receives reply
