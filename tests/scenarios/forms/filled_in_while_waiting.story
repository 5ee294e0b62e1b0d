# The requester fills in a form while the clock is paused, and it runs again.
with access form

anna writes "I need access." about "Access" to support+access@example.com
alice replies "#waiting\nWhich account is it?"
  the timers are waiting decision, waiting reminder
anna replies "System: SAP\nWanted from: 2026-12-01" to form
  the timers are escalation, warning
  ticket is level1
