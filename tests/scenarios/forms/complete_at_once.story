# A first mail that holds all fields of its form gets an ordinary receipt.
with access form

anna writes "Hello,\n\nWhy: month end\nSystem: 1) SAP\nWanted from: 2026-12-01\n\nThanks" about "Access" to support+ACCESS@example.com
  anna receives receipt
  ticket has the fields "{'system': 'SAP', 'since': '2026-12-01', 'why': 'month end'}"
  level1 receives request
  level1 reads "Access to an application: - System: SAP - Wanted from: 2026-12-01 - Why: month end"
  the history says "request: a new request by the form access: system = SAP; since = 2026-12-01; why = month end"
alice replies "#escalate"
  level2 receives escalation
  level2 reads "- Wanted from: 2026-12-01"
