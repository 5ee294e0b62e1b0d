# An agent gets a ticket with #show, and a reply to that mail acts on the ticket.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word" with copy to ben
  anna receives receipt
10 minutes pass
alice writes "#show SUP-1" about "What is it" and the pinned server says pass
  alice receives shown
  alice sees the subject "Re: Word [SUP-1]"
  alice reads "Status: with Level 1, since"
  alice reads "In copy: ben@example.org"
  alice reads "Anna Martin · sent the request “Word does not start.”"
  the history says "show: #show SUP-1 (alice@example.com)"
10 minutes pass
alice replies "Please restart it." to shown
  anna receives answer
  ticket is level1
alice writes "#show SUP-7\n#explain SUP-1" and the pinned server says pass
  alice receives reply
  alice reads "Sent to Alice: the ticket"
  alice reads "ticket SUP-7 doesn’t exist, or you can’t see it"
  alice reads "email from Anna Martin - “Word”: it was a new request, so a ticket was opened"
  alice reads "- Process step: a request becomes a ticket - Sent to Anna Martin: the receipt - Sent to level1@example.com: the request"
  alice reads "it was sent to the reply address of one of the desk’s emails"
alice writes "#show" and the pinned server says pass
  alice receives reply
  alice reads "“#show”: which ticket?"
