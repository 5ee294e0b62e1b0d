# The receipt asks for the missing fields of a form, while the level already has the request.
with access form

anna writes "I need to get into our accounts." about "Access" to support+access@example.com
  ticket has the form "access"
  ticket has the type "service"
  ticket is level1
  anna receives form
  anna reads "We’ve received your request, and our team already has it. Your reference is SUP-1."
  anna reads "You’ll hear from us by Monday 23 November at 14:00 (Paris time) at the latest."
  anna reads "System: (required; one of: SAP, Mail)"
  anna sees the subject "[SUP-1] We’ve received your request: a few details are missing"
  level1 receives request
  level1 reads "System: missing (one of: SAP, Mail)"
  level1 reads "We’ve asked the requester for the missing details."
  the timers are escalation, warning
anna replies "System: sap\nWanted from: 1 December\nWhy: I am new here.\n\nBest regards,\nAnna" to form
  anna receives nothing
  ticket has the fields "{'system': 'SAP', 'since': '2026-12-01', 'why': 'I am new here.'}"
  level1 receives message
  level1 reads "- System: SAP - Wanted from: 2026-12-01 - Why: I am new here."
  level1 reads not "asked the requester"
  the history says "form filled in: system = SAP; since = 2026-12-01; why = I am new here. (anna@example.org)"
