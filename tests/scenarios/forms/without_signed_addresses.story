# On a desk without signed addresses, forms are selected by their tags, and answers are found by the reference.
with access form
with [desk] reply_address = "none"

anna writes "I need access." about "[ACCESS] please"
  ticket has the form "access"
  anna receives form
anna replies "System: SAP\nWanted from: 2026-12-01" to form
  ticket has the fields "{'system': 'SAP', 'since': '2026-12-01'}"
  level1 receives request, message
