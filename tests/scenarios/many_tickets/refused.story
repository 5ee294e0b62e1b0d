# What one ticket refuses stops that ticket alone, and the answer says why; hidden tickets are as ones that are not there.
with [agents] transcripts = "always"
with network queue
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
ben writes "The printer is jammed." about "Printer"
zoe writes "The firewall's password is on the wall." about "Secret" to network@example.com
anna writes "Excel does not start." about "Excel"
anna writes "Excel still does not start." about "Excel again"
alice replies "#escalate" to request of ticket 2
alice replies "#merge SUP-4" to request of ticket 5
  alice receives transcript, transcript
alice writes "#close SUP-1 SUP-2 SUP-3 SUP-9 SUP-5 no answer\n#time 5m SUP-2 SUP-1" about "Work" and the pinned server says pass
  ticket 1 is finalizing
  ticket 2 is level2
  ticket 2 has the minutes spent "0"
  ticket 1 has the minutes spent "5"
  ticket 3 is level1
  ticket 4 is level1
  alice receives reply
  alice reads "- SUP-1 Word · #time: 5 min logged, 5 min in total · #close: the ticket will be closed (we didn’t hear back)."
  alice reads "- SUP-2 Printer · not done: the ticket is with Level 2"
  alice reads "- SUP-3 · not done: there’s no such ticket that you can act on"
  alice reads "- SUP-9 · not done: there’s no such ticket that you can act on"
  alice reads "- SUP-5 · not done: it was merged into SUP-4; use that reference"
  alice never reads "Secret"
carol writes "#resolve SUP-1 SUP-2" about "Work" and the pinned server says pass
  carol receives reply
  carol reads "- SUP-1 Word · not done: the final notice was sent"
  carol reads "- SUP-2 Printer · not done: the solution is missing"
carol writes "#close SUP-2" about "Work" and the pinned server says pass
  carol reads "- SUP-2 Printer · not done: a reason for closing is missing"
manager writes "#note SUP-3 please keep me posted" about "Work" and the pinned server says pass
  manager receives reply
  manager reads "- SUP-3 Secret · #note"
