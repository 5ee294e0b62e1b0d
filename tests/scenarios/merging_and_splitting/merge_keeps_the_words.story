# What was said in a merged ticket stands in the story of the one that was kept, at its time, for staff alone.

anna writes "Word does not start." about "Word"
ben writes "Excel does not start either." about "Excel"
ben writes "Nor does Outlook." about "Outlook"
alice replies "#note he sits next to Anna\n\nWhich floor?" to request of ticket 2
alice replies "#merge SUP-2" to request of ticket 3
alice replies "#merge SUP-1 yes" to request of ticket 2
alice replies "#show SUP-2" to request of ticket 1
  alice reads "Ben · wrote “Excel does not start either.”"
  alice reads "Ben · wrote “Nor does Outlook.”"
  alice reads "replied to the requester “Which floor?”"
  alice reads not "Linked with: SUP-1"
alice replies "We come at ten." to request of ticket 1
  anna receives receipt, answer
  anna never reads "Excel"
  anna never reads "floor"
alice replies "#escalate no licence" to request of ticket 1
  level2 reads "Ben · wrote > Excel does not start either."
  level2 reads "added a note · internal > he sits next to Anna"
