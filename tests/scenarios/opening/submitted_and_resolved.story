# An agent opens a ticket that was solved by phone, and the requester gets receipt and solution.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester anna@example.org\n#resolve I restarted Word by remote control.\n\nWord did not start." about "Word" and the pinned server says pass
  ticket is confirming
  anna receives receipt, confirm
  anna reads "I restarted Word by remote control."
anna replies "resolved"
  ticket is finalizing
