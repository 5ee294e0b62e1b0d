# Level 2 resolved: while the requester is asked, both Level 1 and Level 2 may act.

anna writes "Word does not start." about "Word"
alice replies "#escalate"
carol replies "#resolve Reinstalled."
  level1 receives request, taken_over, solution
alice replies "#close She told me that it works." to solution
  ticket is finalizing
carol replies "#reopen I was wrong, it is not done."
  ticket is level2
  anna receives receipt, escalated, confirm, final, reopened
