# A ticket can be assigned only to agents of the level that has it.
with [levels.level2] agents = ["carol@example.com", "bob@example.com"]

anna writes "Word does not start." about "Word"
alice replies "#assign carol@example.com"
  alice receives not_possible
  alice reads "carol@example.com is not at the level that has the ticket; there are level1@example.com, alice@example.com, bob@example.com."
  carol receives nothing
  ticket has the assignee ""
alice replies "#escalate" to request
carol replies "#assign bob@example.com" to escalation
  bob receives assigned
  bob reads "New messages on it now go to you, not to the mailbox of Level 2."
bob replies "#resolve Please restart it." to assigned
  ticket is confirming
  anna receives receipt, escalated, confirm
