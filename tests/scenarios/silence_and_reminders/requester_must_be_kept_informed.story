# The level is reminded every day to inform the requester, but not while it waits for the requester.
with [levels.level1] inform_every = "1 business day"
with [levels.level1] resolve_within = "10 business days"

anna writes "The printer is broken." about "Printer"
  anna receives receipt
  level1 receives request
  the timers are escalation, update, warning
4 business hours pass
alice replies "We have ordered a part."
  anna receives answer
  level1 receives copy
4 business hours pass
  level1 receives nothing
1 business day passes
  level1 receives nothing
  alice receives update
  alice reads "No news since: Monday 23 November at 14:00 (Paris time)"
1 business day passes
  level1 receives nothing
  alice receives update
alice replies "#waiting\nWhich floor is it on?"
  anna receives question
  level1 receives nothing
  the timers are waiting decision, waiting reminder
1 business day passes
  level1 receives nothing
anna replies "The second."
  level1 receives nothing
  alice receives message
  the timers are escalation, update, warning
1 business day passes
  level1 receives nothing
  alice receives update
