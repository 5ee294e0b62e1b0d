# A reference behind the word duplicate is the ticket that goes on, and only those before it are closed.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
ben writes "Word does not start here." about "Word, too"
zoe writes "Nor here." about "Again Word"
alice writes "#close SUP-2 SUP-3 duplicate SUP-1" about "Work" and the pinned server says pass
  ticket 1 is level1
  ticket 2 is finalizing
  ticket 3 is finalizing
  ticket 2 has the close reason "duplicate SUP-1"
alice writes "#close duplicate SUP-1" about "Work" and the pinned server says pass
  ticket 1 is level1
  alice receives reply, reply
  alice reads "“#close duplicate SUP-1” needs a ticket"
