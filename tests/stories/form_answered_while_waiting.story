# Filling in the form is an answer like any other: a clock that an agent's question has stopped goes on.
with access form

anna writes "I need access." about "Access" to support+access@example.com
alice replies "#waiting\nWhich account is it?"
  the timers are waiting decision, waiting reminder
anna replies "System: SAP\nWanted from: 2026-12-01" to form
  the timers are escalation, warning
  ticket is level1
