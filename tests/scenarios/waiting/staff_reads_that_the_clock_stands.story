# Staff who look at a ticket that waits for its requester read that, and no time at which it is due.
with [trust] authserv_id = ["mx.example.com"]

anna writes "My account is locked." about "Account"
alice replies "#waiting\nWhich account is it?"
1 business day passes
alice writes "#show SUP-1" and the pinned server says pass
  alice receives shown
  alice reads "- Waiting for: the requester (the deadline is paused)"
  alice reads not "Due:"
alice replies "#assign bob@example.com" to shown
  bob receives assigned
  bob reads "- Waiting for: the requester (the deadline is paused)"
  bob reads not "Due:"
alice replies "#tag vpn" to request
alice replies "#undo" to request
  alice receives transcript
  alice reads "- Status: with Level 1 - Waiting for: the requester (the deadline is paused)"
