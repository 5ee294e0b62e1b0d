# Where a desk wants it so, an answer leaves the ticket to the level.
with [agents] take_on_answer = false

anna writes "Word does not start." about "Word"
alice replies "Which version is it?"
  ticket has the assignee ""
anna replies "Word 2024."
  level1 receives request, copy, message
alice replies "#take"
  ticket has the assignee "alice@example.com"
