# An agent opens a ticket with commands that cannot stand there, and each is answered on its own line.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester anna@example.org\n#waiting\n#ask supplier@vendor.example\n#split\n\nWord does not start." about "Word" and the pinned server says pass
  alice receives reply
  alice reads "“#waiting” was not done: it cannot stand in the mail that opens the ticket. Send it in a reply to a mail of SUP-1"
  alice reads "“#ask supplier@vendor.example” was not done"
  alice reads "“#split” was not done"
  supplier receives nothing
  anna receives receipt
  the timers are escalation, warning
alice writes "#requester anna@example.org\n#waiting Which version is it?\n\nWord does not start." about "Word" and the pinned server says pass
  anna receives receipt, question
  anna reads "Which version is it?"
  level1 receives request, request, copy
  alice receives nothing
alice writes "#requester anna@example.org\n#requester ben@example.org\n\nBoth phoned." about "Word" and the pinned server says pass
  ticket has the requester "anna@example.org"
  ben receives nothing
  alice reads "“#requester ben@example.org” was not used: a mail opens one ticket, for one person."
alice writes "#requester mallory@evil.example\n#spam\n\nHe phoned." about "Word" and the pinned server says pass
  ticket is closed
