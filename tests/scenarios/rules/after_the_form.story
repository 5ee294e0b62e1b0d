# A rule is applied after the form, and what it sets goes before what the form sets.
with access form
with the rule name = "access"; form = "access"; priority = "high"
with the rule name = "never"; form = "access"; type = "incident"

anna writes "System: SAP\nWanted from: 2026-12-01" about "[ACCESS] SAP"
  ticket has the form "access"
  ticket has the type "service"
  ticket has the priority "high"
  the history says "rule access: a new request by the form access: system = SAP; since = 2026-12-01"
