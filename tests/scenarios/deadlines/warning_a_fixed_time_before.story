# The level is warned a fixed time before the deadline, and time spent waiting does not count.
with [levels.level1] warn_at = "30 business minutes"

anna writes "The printer is broken." about "Printer"
  level1 receives request
1 business hour passes
alice replies "#waiting\nWhich one?"
2 business hours pass
anna replies "The blue one."
  level1 receives copy
  alice receives message
2 business hours pass
  level1 receives nothing
30 business minutes pass
  level1 receives warning
30 business minutes pass
  level1 receives taken_over
  ticket is level2
