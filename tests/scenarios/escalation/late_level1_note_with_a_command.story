# A late mail of Level 1 holds a note and a forbidden command: the note is kept, and the command comes back.

anna writes "The database is slow." about "Database"
alice replies "#escalate"
  ticket is level2
alice replies "#note Seen the same last year.\n#time 10m\n#resolve Done." to request
  alice receives late_level
  alice reads "Carried out anyway"
  alice reads "#time: 10 min logged, 10 min in total"
  ticket is level2
  ticket has the minutes spent "10"
  the history says "note"
  anna receives receipt, escalated
