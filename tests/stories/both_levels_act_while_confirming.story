# Level 2 resolved: it may still act, and so may Level 1, which is the one that is asked in case of doubt.

anna writes "Word does not start." about "Word"
alice replies "#escalate"
carol replies "#resolve Reinstalled."
  level1 receives request, taken_over, solution
alice replies "#close She told me that it works." to solution
  ticket is finalizing
carol replies "#reopen I was wrong, it is not done."
  ticket is level2
  anna receives receipt, escalated, confirm, final, reopened
