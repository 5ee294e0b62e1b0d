# On a desk with back_to = level1, "not fixed" returns the ticket to Level 1, whichever level resolved it.
with [confirmation] back_to = "level1"

anna writes "The report is wrong." about "Report"
alice replies "#escalate"
  level2 receives escalation
carol replies "#resolve The formula was corrected."
  level1 receives request, taken_over, solution
  level2 receives nothing
anna replies "not fixed"
  ticket is level1
  level1 receives not_fixed
  level2 receives nothing
  the timers are escalation, warning
