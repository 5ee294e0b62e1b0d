# An agent cannot take back what was mailed out, another agent's step, or an earlier step.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled it."
  alice receives nothing
alice replies "#undo" to request
  alice receives not_possible
  alice reads "an email about it has already been sent to anna@example.org"
  ticket is confirming
anna replies "not fixed"
bob replies "#priority high" to request
alice replies "#undo" to not_fixed
  alice receives not_fixed, not_possible
  alice reads "the last action wasn’t yours but bob@example.com’s"
anna replies "Hurry, please." to reopened
bob replies "#undo" to request
  bob receives not_possible
  bob reads "something has happened since your last action"
  ticket has the priority "high"
