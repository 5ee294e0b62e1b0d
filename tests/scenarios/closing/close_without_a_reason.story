# An agent writes #close without a reason on an unsolved ticket, and is asked for one.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#close"
  alice receives reason_wanted
  ticket is level1
  anna receives nothing
alice replies "#close Word is not ours; the shop on the first floor sells it."
  ticket is finalizing
  anna receives final
  anna reads "the shop on the first floor sells it"
