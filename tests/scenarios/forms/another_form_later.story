# Another form of the same ticket is asked for afresh, and what was said to the first stays where the names differ.
with access form
with network queue
with badge form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form access"
anna replies "System: SAP\nWanted from: 2026-12-01" to details
alice replies "#form badge"
  ticket has the form "badge"
  ticket has the priority "normal"
  ticket has the queue "default"
anna replies "Building: 7" to details
  ticket has the fields "{'system': 'SAP', 'since': '2026-12-01', 'building': '7'}"
