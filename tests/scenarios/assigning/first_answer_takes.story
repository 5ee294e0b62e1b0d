# Who first answers a ticket that nobody has, has it until it goes to another level; the level reads so in the copy.

anna writes "Word does not start." about "Word"
alice replies "Which version is it?"
  ticket has the assignee "alice@example.com"
  level1 receives request, copy
  level1 reads "The ticket is now with Alice."
anna replies "Word 2024."
  alice receives message
  level1 receives nothing
alice replies "Thank you, I look into it."
  level1 receives nothing
# The next level begins anew, and the old one never had the ticket.
alice replies "#escalate The licence server is down." to request
  ticket has the assignee ""
  level1 receives nothing
  level2 receives escalation
carol replies "The server restarts."
  ticket has the assignee "carol@example.com"
carol replies "#handback It runs again." to escalation
  level1 receives handed_back
  ticket has the assignee ""
# Who takes it says nothing to the level; the next answer does.
alice replies "#take" to handed_back
  level1 receives nothing
alice replies "Does it run?"
  level1 receives copy
  level1 reads "Sent by Alice"
alice replies "You may close the window now."
  level1 receives nothing
# A colleague who has not read the newest answer gets theirs back once; the assignee goes on without a copy.
bob replies "I am on site." to copy
  bob receives overtaken
bob replies "I am on site." to overtaken
  level1 receives copy
  level1 reads "The ticket is assigned to alice@example.com."
alice replies "My colleague is on site." to copy
  level1 receives nothing
# The level's mailbox itself is nobody who could have it.
anna writes "Excel does not start." about "Excel"
level1 replies "Please try again."
  ticket has the assignee ""
