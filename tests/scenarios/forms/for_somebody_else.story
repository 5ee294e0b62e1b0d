# An agent writes a request down for somebody and names its form, which takes the place of the receipt.
with access form
with [trust] authserv_id = ["mx.example.com"]
with [agents] transcripts = "always"

alice writes "#requester anna@example.org\n#form access\n\nAnna called.\nSystem: SAP" about "Accounts" and the pinned server says pass
  ticket has the form "access"
  ticket has the requester "anna@example.org"
  ticket has the fields "{'system': 'SAP'}"
  anna receives form
  anna reads "Wanted from: (required; a date, such as 2027-01-31)"
  anna reads not "System: (required"
  alice receives reply
  alice reads "the form access was sent to the requester"
  level1 receives request
