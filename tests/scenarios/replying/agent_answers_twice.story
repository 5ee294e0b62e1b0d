# The same agent answers twice from the same mail, and both answers reach the requester.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "Please restart." to request
  anna receives answer
alice replies "Sorry: please log off, do not restart." to request
  anna receives answer
alice replies "#resolve Logged off." to request
  anna receives confirm
  alice receives nothing
