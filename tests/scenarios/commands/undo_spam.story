# An agent takes back #spam: the ticket, its timers and its sender are restored.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#spam"
  ticket is closed
  the timers are none
  alice receives nothing
alice replies "#undo" to request
  alice receives transcript
  alice reads "#undo: undone: #close spam"
  ticket is level1
  the timers are escalation, warning
anna replies "Are you there?" to receipt
  level1 receives request, message
