# One mail sends a form to the requesters of several tickets, each with the words of the mail.
with access form
with [trust] authserv_id = ["mx.example.com"]

anna writes "I cannot get into our accounts any more." about "Accounts"
ben writes "I need to see the accounts, please." about "Accounts, too"
alice writes "#form access SUP-1 SUP-2\n\nPlease tell us which system." about "Forms" and the pinned server says pass
  anna receives receipt, details
  anna reads "Please tell us which system."
  ben receives receipt, details
  alice receives reply
  alice reads "the form access was sent to the requester"
ben replies "System: Mail\nWanted from: 2026-12-01" to details
  ticket 2 has the fields "{'system': 'Mail', 'since': '2026-12-01'}"
