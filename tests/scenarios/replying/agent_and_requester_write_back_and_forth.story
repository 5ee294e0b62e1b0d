# An agent asks the requester a question, the reply goes to the level, and the agent resolves.

anna writes "My mailbox is full." about "Mailbox"
  anna receives receipt
  level1 receives request
alice replies "Hello, which mailbox do you mean?"
  anna receives answer
  anna reads "which mailbox do you mean?"
  level1 receives copy
  ticket is level1
  the timers are escalation, warning
anna replies "The shared one of the sales team."
  level1 receives nothing
  alice receives message
  alice reads "The shared one of the sales team."
  anna receives nothing
alice replies "#resolve I enlarged it to 50 GB."
  anna receives confirm
  level1 receives nothing
