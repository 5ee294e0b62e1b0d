# The level is warned before the deadline of its first answer, until an agent has answered.
with [levels.level1] answer_within = "1 business hour"

anna writes "The printer is broken." about "Printer"
  anna receives receipt
  anna reads "by: Monday 23 November at 10:00 (Paris time)"
  level1 receives request
  the timers are answer warning, escalation, warning
45 business minutes pass
  level1 receives answer_warning
  level1 reads "First reply due: Monday 23 November at 10:00 (Paris time)"
alice replies "We look into it." to request
  anna receives answer
  level1 receives copy
  the timers are escalation, warning
1 business hour passes
  level1 receives nothing
ben writes "Mine as well." about "Printer 2"
  level1 receives request
alice replies "Coming." to request
  ben receives receipt, answer
  level1 receives copy
1 business hour passes
  level1 receives nothing
