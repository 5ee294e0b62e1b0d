# The requester's token with an agent's From proves no agent, and no command is carried out.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#close transferred The moon" to anna's receipt
  ticket is level1
  anna receives nothing
  level1 receives request
  alice receives challenge
  alice reads "We haven’t acted on it."
alice replies "#resolve Everything is fine." to anna's receipt
  ticket is level1
  anna receives nothing
  alice receives nothing
