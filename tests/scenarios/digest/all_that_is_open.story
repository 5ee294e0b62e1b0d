# A desk that prefers it lists all every morning: overdue, due today, theirs, new and waiting tickets, each once.
with [digest] at = "08:00"
with [digest] say = "all"
8 hours pass
anna writes "Word does not start." about "Word"
zoe writes "The printer is out of paper." about "Printer"
ben writes "I cannot log in." about "Login"
alice replies "#take" to request of ticket 2
alice replies "#waiting\n\nWhich printer is it?" to request of ticket 2
level1 receives request, request, request, copy
alice receives nothing
15 hours pass
# Tuesday, 8 o'clock.
alice receives digest
bob receives digest
alice sees the subject "Your tickets today: 2 due today"
alice reads "All times are in Paris time."
alice reads "Due today (2) ------------- - Due 12:00 · SUP-1 Word · Anna Martin"
alice reads "Assigned to you (1) ------------------- - SUP-2 Printer · Zoé"
alice reads "Printer · Zoé · waiting for the requester"
alice reads not "New and unassigned"
alice reads not "Waiting for an answer"
bob reads not "Assigned to you"
# Level 1 alone got something: Carol's level has no ticket.
carol receives nothing
level1 receives nothing
# Three hours later the first two are late for Level 1, and Level 2 has them.
4 hours pass
carol receives nothing
20 hours pass
carol receives digest
carol sees the subject "Your tickets today"
carol reads "New and unassigned (2)"
