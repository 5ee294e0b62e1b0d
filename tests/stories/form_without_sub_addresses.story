# A desk without signed addresses has its forms by their tags; the answer is known by the tag in its subject.
with access form
with [desk] reply_address = "none"

anna writes "I need access." about "[ACCESS] please"
  ticket has the form "access"
  anna receives form
anna replies "System: SAP\nWanted from: 2026-12-01" to form
  ticket has the fields "{'system': 'SAP', 'since': '2026-12-01'}"
  level1 receives request, message
