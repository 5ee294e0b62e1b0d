# Commands in a requester's mail are plain text and do nothing.

anna writes "#close withdrawn\n#priority urgent\nWord does not start." about "Word"
  ticket is level1
  ticket has the priority "normal"
  anna receives receipt
anna replies "#priority urgent\n#escalate\n#note I am the boss."
  ticket is level1
  level1 receives request, message
  anna receives nothing
anna replies "# Note: I am the boss.\n# escalate"
  ticket is level1
  level1 receives message
  anna receives nothing
