# Where agents do not read the mailbox of their level, a warning goes to it and to the assignee, and so does a copy.
with [agents] read_mailbox = false

anna writes "Word does not start." about "Word"
bob replies "#take"
alice replies "Bob looks into it this afternoon." to request
  bob receives copy
  level1 receives request, copy
3 business hours pass
  bob receives warning
  level1 receives warning
alice replies "#escalate It needs an administrator." to request
  level1 receives taken_over
  bob receives taken_over
