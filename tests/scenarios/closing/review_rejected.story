# The manager rejects a closing, the ticket goes back to Level 1, and the requester is informed.
with [confirmation] review = ["incident"]

anna writes "Word does not start." about "Word"
alice replies "#type incident"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
anna replies "Yes, everything works."
  ticket is finalizing
  manager receives review
manager replies "#reject The cause is not documented."
  ticket is level1
  level1 receives request, copy
  alice receives not_fixed
  alice reads "The cause is not documented."
  anna receives receipt, confirm, final, reopened
