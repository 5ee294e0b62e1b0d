# The requester says that it works after an agent's plain answer: that answer is the solution, and nothing escalates.

anna writes "I cannot log in to the portal." about "Portal"
  anna receives receipt
alice replies "I have unlocked your account. Please log in once more."
  anna receives answer
  level1 receives request, copy
anna replies "Thanks, I am in again." to answer
  ticket is finalizing
  anna receives final
  anna reads "> Thanks, I am in again."
  anna reads "I have unlocked your account."
  anna reads "not fixed"
  level1 receives nothing
  alice receives early_yes
  alice reads "Thanks, I am in again."
  level1 reads "I have unlocked your account."
  alice reads "#reopen"
  the timers are objection
  the history says "'I am in again'"
3 business days pass
  ticket is closed
  level1 receives closed
  manager receives nothing
