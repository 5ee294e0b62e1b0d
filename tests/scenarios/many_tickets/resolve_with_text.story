# One text is the solution of two tickets, and each requester gets it alone.
with [trust] authserv_id = ["mx.example.com"]

anna writes "No mail since nine." about "Mail"
ben writes "My mail is slow." about "Slow"
zoe writes "A new mouse, please." about "Mouse"
alice writes "#resolve SUP-1 SUP-2\n#take SUP-3\n\nThe mail server runs again." about "Work" and the pinned server says pass
  ticket 1 is confirming
  ticket 2 is confirming
  ticket 3 is level1
  anna receives receipt, confirm
  anna reads "The mail server runs again."
  anna never reads "SUP-2"
  ben receives receipt, confirm
  zoe receives receipt
  level1 receives request, request, request, copy, copy
  alice receives reply
  alice reads not "We didn’t send your text to anyone"
anna replies "resolved" to confirm
  ticket 1 is finalizing
  ticket 2 is confirming
