# A ticket is assigned to an agent, who gets its mail; while they are away, the level's mailbox gets it.

anna writes "Word does not start." about "Word"
  level1 receives request
alice replies "#assign bob@example.com"
  bob receives assigned
  bob reads "Alice assigned this ticket to you"
  bob reads "Word does not start."
anna replies "It is urgent."
  bob receives message
  level1 receives nothing
bob replies "I am on it." to message
  anna receives receipt, answer
  level1 receives copy
3 business hours pass
  bob receives nothing
  level1 receives warning
alice replies "#take" to request
anna replies "Any news?" to answer
  alice receives transcript, message
  bob receives nothing
alice replies "#away 3 days" to request
anna replies "Hello?" to answer
  level1 receives message
