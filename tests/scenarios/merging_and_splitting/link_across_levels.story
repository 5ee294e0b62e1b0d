# A linked ticket is with Level 2: the answer goes to its requester too, and Level 2 gets a copy.

anna writes "Mail does not work." about "Mail"
ben writes "I cannot send anything." about "Sending"
alice replies "#escalate The server is not mine." to request of ticket 2
  level2 receives escalation
alice replies "#link SUP-2\n#resolve The mail server runs again." to request of ticket 1
  anna receives receipt, confirm
  ben receives receipt, escalated, confirm
  level2 receives copy
  ticket 2 is confirming
ben replies "Still not."
  ticket 2 is level2
  level2 receives not_fixed
