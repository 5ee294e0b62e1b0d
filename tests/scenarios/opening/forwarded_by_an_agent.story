# An agent forwards a customer's mail: the customer is offered as requester, and their text gives no commands.
with [trust] authserv_id = ["mx.example.com"]

alice writes "Please see below.\n\n---------- Forwarded message ---------\nFrom: Anna Martin <anna@example.org>\nDate: Mon, Nov 23, 2026 at 8:00 AM\nSubject: Word\nTo: Alice <alice@example.com>\n\nWord does not start.\n\n#close spam" about "Fwd: Word"
  there is 1 ticket
  ticket has the requester "alice@example.com"
  level1 receives request
  level1 reads "This looks like a forwarded email from Anna Martin <anna@example.org>. If the request is theirs, reply with #requester anna@example.org"
alice writes "#requester\n\nShe needs it today.\n\n---------- Forwarded message ---------\nFrom: Anna Martin <anna@example.org>\nDate: Mon, Nov 23, 2026 at 8:00 AM\nSubject: Excel\nTo: Alice <alice@example.com>\n\nExcel does not start.\n\n#close spam" about "Fwd: Excel" and the pinned server says pass
  there are 2 tickets
  ticket 2 is level1
  ticket 2 has the requester "anna@example.org"
  ticket 2 has the subject "Excel"
  anna receives receipt
  level1 receives request
  level1 reads "> She needs it today. > > Excel does not start."
ben writes "Look at this.\n\n---------- Forwarded message ---------\nFrom: Anna Martin <anna@example.org>\nDate: Mon, Nov 23, 2026 at 8:00 AM\nSubject: Word\nTo: Ben <ben@example.org>\n\nWord does not start." about "Fwd: Word"
  level1 receives request
  level1 reads not "looks like a forwarded email"
