# The requester withdraws the request, and the level gets the mail with a ready #close line.

anna writes "Word does not start." about "Word"
  anna receives receipt
anna replies "I fixed it myself, please close the ticket."
  ticket is level1
  level1 receives request, withdrawal
  level1 reads "#close withdrawn"
alice replies "#close withdrawn"
  ticket is finalizing
  anna receives final
anna replies "Not fixed after all, sorry."
  ticket is level1
  anna receives reopened
