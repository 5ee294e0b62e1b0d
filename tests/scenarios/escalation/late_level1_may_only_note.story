# After the escalation Level 1 may only add notes, log time and ask for the status; its other mails come back.

anna writes "The database is slow." about "Database"
4 business hours pass
  ticket is level2
  anna receives receipt, escalated
  level1 receives request, warning, taken_over
  level2 receives escalation
alice replies "We are looking into it." to request
  alice receives late_level
  alice reads "with Level 2"
  alice reads "We are looking into it."
  anna receives nothing
alice replies "#resolve Restarted the database." to request
  alice receives late_level
  alice reads "Restarted the database."
  ticket is level2
alice replies "#escalate too hard for us" to taken_over
  alice receives late_level
  ticket is level2
alice replies "#close withdrawn" to request
  alice receives late_level
  ticket is level2
alice replies "#note The disk was replaced last week." to request
  alice receives nothing
  the history says "note"
alice replies "#time 15m" to request
  ticket has the minutes spent "15"
alice replies "#status" to request
  alice receives status
  alice reads "The disk was replaced last week."
alice replies "#help" to request
  alice receives help
  ticket is level2
  anna receives nothing
  level2 receives nothing
