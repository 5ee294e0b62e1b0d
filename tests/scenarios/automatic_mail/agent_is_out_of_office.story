# An out-of-office reply of an agent never reaches the requester, and the level gets it once a day.

anna writes "Word does not start." about "Word"
alice is away and answers automatically "I am on holiday until Monday."
  anna receives receipt
  level1 receives request, returned_automatic
alice is away and answers automatically "I am on holiday until Monday, really."
  level1 receives nothing
  anna receives nothing
  ticket is level1
level1 is away and answers automatically "This mailbox is not read today."
  anna receives nothing
  level1 receives returned_automatic
level1 is away and answers automatically "This mailbox is not read today."
  level1 receives nothing
