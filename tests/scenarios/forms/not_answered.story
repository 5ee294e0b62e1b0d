# A form that is not answered pauses no deadline, and the request escalates.
with access form

anna writes "I need access." about "Access" to support+access@example.com
  anna receives form
4 business hours pass
  ticket is level2
  anna receives escalated
  level2 receives escalation
  level2 reads "System: missing (one of: SAP, Mail)"
