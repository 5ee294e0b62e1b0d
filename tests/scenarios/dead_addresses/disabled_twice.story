# A mailbox that is disabled counts as dead at the second time only.

anna writes "Word does not start." about "Word"
alice replies "Please restart."
anna's answer bounces with the status 5.2.1
  level1 receives request, copy, failed
  level1 reads not "#unblock"
alice replies "Or reinstall it." to request
  anna receives receipt, answer, answer
anna's answer bounces with the status 5.2.1
  level1 receives failed
  level1 reads "#unblock"
alice replies "Or buy a new one." to request
  anna receives nothing
  alice receives failed
