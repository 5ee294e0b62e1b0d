# An agent whose words do not leave learns of it; automatic notices are recorded only.

anna writes "Word does not start." about "Word"
alice replies "Please restart."
anna's answer bounces
  level1 receives request, copy, failed
  level1 reads "#unblock"
alice replies "Or reinstall it." to request
  anna receives receipt, answer
  alice receives failed
  alice reads "Or reinstall it."
  alice reads "#unblock"
# Mail from there ends it.
anna replies "I am here again." to receipt
alice replies "Please restart." to request
  anna receives answer
