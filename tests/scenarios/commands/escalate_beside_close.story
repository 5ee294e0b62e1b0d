# A command that another one of its mail makes impossible leaves the ticket where it was, with its timers.

anna writes "Word does not start." about "Word"
alice replies "#escalate no access\n#close no answer"
  ticket is level1
  the timers are escalation, warning
  alice receives not_possible
  alice reads "another command of the same email moves the ticket to another level"
  level2 receives nothing
