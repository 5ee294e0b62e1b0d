# What the labels of the form find in the first mail is not asked again, and a value that fits no choice is asked for.
with access form

anna writes "Hello,\n\nWhy: month end\nWanted from: 2026-12-01\nSystem: Sapp" about "Accounts"
  ticket has the fields "{}"
alice replies "#form access"
  anna receives receipt, details
  anna reads "What you’ve told us already: - “2026-12-01” for “Wanted from” - “month end” for “Why”"
  anna reads "System: (required; one of: SAP, Mail)"
  anna reads not "Wanted from: (required"
  anna reads not "Sapp"
  ticket has the fields "{'since': '2026-12-01', 'why': 'month end'}"
anna replies "System: SAP" to details
  ticket has the fields "{'since': '2026-12-01', 'why': 'month end', 'system': 'SAP'}"
alice replies "#form access"
  alice receives message, not_possible
  alice reads "the ticket already has everything that the form access asks for"
