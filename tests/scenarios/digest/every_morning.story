# Each agent gets a digest of what is late, due today or new to them; the same lines do not come again.
with [digest] at = "08:00"
with [levels.level1] resolve_within = "5 business days"
8 hours pass
anna writes "Word does not start." about "Word"
zoe writes "The printer is out of paper." about "Printer"
ben writes "I cannot log in." about "Login"
ben writes "The copier smells." about "Copier"
alice replies "#take" to request of ticket 4
alice replies "#take" to request of ticket 2
alice replies "#waiting\n\nWhich printer is it?" to request of ticket 2
level1 receives request, request, request, request, copy
alice receives nothing
15 hours pass
# Tuesday, 8 o'clock.
alice receives digest
bob receives digest
alice sees the subject "Your tickets today"
alice reads "Assigned to you: new (1) ------------------------ - Due Monday 30 November, 17:00 · SUP-4 Copier"
alice reads not "SUP-2"
alice reads "New and unassigned (2) ---------------------- - Due Monday 30 November, 17:00 · SUP-1 Word · Anna Martin"
alice reads "This lists only what is new or due. To get all your tickets, send #list mine to support@example.com."
bob reads "New and unassigned (2)"
bob reads not "SUP-4"
carol receives nothing
# Nothing is new or due until there is a new ticket, and on Monday two of the old ones are.
2 business days pass
alice receives nothing
bob receives nothing
anna writes "Excel does not start." about "Excel"
24 hours pass
alice receives digest
alice reads "New and unassigned (1) ---------------------- - Due Thursday 3 December, 09:00 · SUP-5 Excel"
alice reads not "SUP-1"
72 hours pass
alice receives digest
alice sees the subject "Your tickets today: 3 due soon"
alice reads "Due soon (3) ------------ - Due 17:00 · SUP-1 Word · Anna Martin"
alice reads not "SUP-5"
alice reads "reply to any of its emails, or to this one with a line such as “#take SUP-1”. A line may name several tickets."
alice replies "#take SUP-1" to digest
ticket 1 has the assignee "alice@example.com"
