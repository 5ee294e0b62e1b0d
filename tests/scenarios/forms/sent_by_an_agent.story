# An agent sends a form to a requester who wrote a plain mail, below the agent's own words, and the clock runs on.
with access form
with [levels.level1] answer_within = "2 business hours"

anna writes "Hello, I cannot get into our accounts any more." about "Accounts"
  ticket has the form ""
  the timers are answer warning, escalation, warning
alice replies "#form access\n\nHello Anna,\n\nwe gladly set this up for you."
  ticket has the form "access"
  ticket has the type "service"
  ticket has the assignee "alice@example.com"
  ticket is level1
  the timers are escalation, warning
  anna receives receipt, details
  anna sees the subject "Re: Accounts [SUP-1]"
  anna reads "Hello Anna, we gladly set this up for you. Please reply to this email and fill in these lines"
  anna reads "System: (required; one of: SAP, Mail)"
  anna reads "Wanted from: (required; a date, such as 2027-01-31)"
  anna reads "Why:"
  anna reads not "What you’ve told us already"
  anna reads not "I cannot get into"
anna replies "System: SAP\nWanted from: 2026-12-01" to details
  ticket has the fields "{'system': 'SAP', 'since': '2026-12-01'}"
  anna receives nothing
  alice receives message
  alice reads "System: SAP"
