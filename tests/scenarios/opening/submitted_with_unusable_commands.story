# An agent opens a ticket with commands that cannot stand there, and each is answered on its own line.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester anna@example.org\n#waiting\n#ask supplier@vendor.example\n#split\n\nWord does not start." about "Word" and the pinned server says pass
  alice receives reply
  alice reads "“#waiting” wasn’t done: you can’t use it in the email that opens a ticket. Send it in a reply to an email about SUP-1"
  alice reads "“#ask supplier@vendor.example” wasn’t done"
  alice reads "“#split” wasn’t done"
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
  alice reads "“#requester ben@example.org” wasn’t used: an email opens one ticket, for one person."
alice writes "#requester mallory@evil.example\n#spam\n\nHe phoned." about "Word" and the pinned server says pass
  ticket is closed
