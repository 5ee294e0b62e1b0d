# An agent closes two tickets, takes one and gives two away in one mail, and reads in one answer what came of each.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
ben writes "The printer is jammed." about "Printer"
zoe writes "A new mouse, please." about "Mouse"
anna writes "Excel does not start." about "Excel"
  alice receives nothing
  level1 receives request, request, request, request
alice writes "#close SUP-1, SUP-2 no answer\n#take SUP-3\n#assign bob@example.com SUP-4\n#priority high SUP-3 and SUP-4\n#note SUP-3: the blue one" about "Work" and the pinned server says pass
  ticket 1 is finalizing
  ticket 2 is finalizing
  ticket 1 has the close reason "no answer"
  ticket 3 has the assignee "alice@example.com"
  ticket 4 has the assignee "bob@example.com"
  ticket 4 has the priority "high"
  anna receives receipt, receipt, final
  ben receives receipt, final
  zoe receives receipt
  bob receives assigned
  alice receives reply
  alice sees the subject "Re: Work"
  alice reads "- SUP-1 Word · #close: the ticket will be closed (we didn’t hear back). The requester can still object"
  alice reads "- SUP-3 Mouse · #take: the ticket is now yours · #priority: the priority is now high · #note: internal note added: “the blue one”"
  alice reads "- SUP-4 Excel · #assign: now assigned to bob@example.com · #priority: the priority is now high"
  alice reads "#undo SUP-3 To see what you can ask"
  alice reads not "Your email:"
  the history says "#close no answer (alice@example.com)"
  there are 4 tickets
alice writes "#undo SUP-1 SUP-3 SUP-4" about "Work" and the pinned server says pass
  ticket 3 has the assignee ""
  ticket 4 has the priority "normal"
  ticket 4 has the assignee ""
  ticket 1 is finalizing
  alice receives reply
  alice reads "- SUP-3 Mouse · #undo: undone: #take, #priority, #note"
  alice reads "- SUP-4 Excel · #undo: undone: #assign, #priority"
  alice reads "- SUP-1 Word · not done: an email about it has already been sent to anna@example.org"
