# On a desk whose signed addresses use a hyphen, form addresses use one too.
with access form
with [desk] reply_address = "minus"

anna writes "System: SAP" about "Access" to support-access@example.com
  ticket has the form "access"
  anna receives form
  anna's answers go to "support-SUP-1.1."
anna replies "Wanted from: 2026-12-01" to form
  ticket has the fields "{'system': 'SAP', 'since': '2026-12-01'}"
anna writes "Hello" about "Access" to support-other@example.com
  ticket has the form ""
