# An agent in copy answers all with a command: the command waits until the agent proves who wrote it.

anna writes "Word does not start." about "Word" with copy to alice
  anna receives receipt
alice answers all "#resolve I reinstalled Word." about "Word"
  ticket is level1
  anna receives nothing
  level1 receives request
  alice receives challenge
  the history says "waits until the sender is verified: HOLD-1"
alice replies "yes" to challenge
  ticket is confirming
  anna receives confirm
  anna reads "I reinstalled Word."
