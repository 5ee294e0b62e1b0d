# Where no answer makes an agent the assignee, each is copied to the level.
with [agents] take_on_answer = false

anna writes "Word does not start." about "Word"
alice replies "Which version is it?"
alice replies "And which system?" to request
  ticket has the assignee ""
  level1 receives request, copy, copy
