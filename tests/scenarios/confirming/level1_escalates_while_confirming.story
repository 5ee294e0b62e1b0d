# While the requester is asked, Level 1 may still escalate the ticket.

anna writes "Word does not start." about "Word"
alice replies "#resolve Please restart."
alice replies "#escalate She told me that it crashed at once."
  ticket is level2
  level2 receives escalation
  anna receives receipt, confirm, escalated
anna replies "resolved" to confirm
  ticket is level2
  level2 receives withdrawal
