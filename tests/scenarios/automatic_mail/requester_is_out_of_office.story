# An out-of-office reply of the requester is recorded, answers nothing and closes nothing.

anna writes "Word does not start." about "Word"
  anna receives receipt
anna is away and answers automatically "I am away. It is resolved when I am back." to receipt
  ticket is level1
  level1 receives request
  anna receives nothing
alice replies "#resolve I reinstalled Word."
  anna receives confirm
anna is away and answers automatically "Resolved! I am out of the office." to confirm
  ticket is confirming
  anna receives nothing
  level1 receives copy
  the history says "automatic mail"
