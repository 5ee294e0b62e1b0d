# A text beside commands that send none goes to nobody and comes back, while the commands are carried out.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
ben writes "The printer is jammed." about "Printer"
alice writes "#take SUP-1 SUP-2\n\nI am on it." about "Work" and the pinned server says pass
  ticket 1 has the assignee "alice@example.com"
  ticket 2 has the assignee "alice@example.com"
  anna receives receipt
  ben receives receipt
  alice receives reply
  alice reads "We didn’t send your text to anyone"
  alice reads "> I am on it."
# A bare note with references makes the mail internal.
alice writes "#note SUP-1 SUP-2\n\nBoth sit in the old building." about "Work" and the pinned server says pass
  anna receives nothing
  alice receives reply
  alice reads "- SUP-2 Printer · #note: internal note added: “Both sit in the old building.”"
  alice reads not "We didn’t send your text to anyone"
