# A rule assigns nobody who is not at Level 1 of the queue of the request; the history says so.
with network queue
with the rule name = "to-bob"; assignee = "bob@example.com"

anna writes "No network." about "Network" to network@example.com
  ticket has the assignee ""
  network receives request
  the history says "rule to-bob (bob@example.com is not at Level 1 of network): a new request"
anna writes "No Word." about "Word"
  ticket 2 has the assignee "bob@example.com"
  bob receives request
