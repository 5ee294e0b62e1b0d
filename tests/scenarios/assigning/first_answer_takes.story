# Who first answers a ticket that nobody has, has it from then on; the level reads so in the copy.

anna writes "Word does not start." about "Word"
alice replies "Which version is it?"
  ticket has the assignee "alice@example.com"
  level1 receives request, copy
  level1 reads "Alice has it now."
anna replies "Word 2024."
  alice receives message
  level1 receives nothing
alice replies "Thank you, I look into it."
  level1 receives copy
  level1 reads not "has it now"
# The next level begins anew.
alice replies "#escalate The licence server is down." to request
  ticket has the assignee ""
  level2 receives escalation
carol replies "#handback It runs again."
  level1 receives taken_over, handed_back
  ticket has the assignee ""
# The level's mailbox itself is nobody who could have it.
level1 replies "Please try again."
  ticket has the assignee ""
