# An agent asks the desk for lists, reports and searches by mail.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
ben writes "Excel does not start." about "Excel"
  level1 receives request, request
alice replies "#take" of ticket 1
  alice receives nothing
alice writes "#list" about "My work" and the pinned server says pass
  there are 2 tickets
  alice receives reply
  alice sees the subject "Re: My work"
  alice's answers go to "support+DESK-"
  alice reads "Assigned to you (1)"
  alice reads "- Due 14:00 · SUP-1 Word · Anna Martin · with Level 1"
  alice reads "With your level and unassigned (1) ---------------------------------- - Due"
  alice reads "All times are in Paris time."
alice writes "#list level2\n#list unassigned\n#report day" and the pinned server says pass
  alice receives reply
  alice reads "With Level 2 (0) ---------------- No tickets."
  alice reads "Unassigned (1)"
  alice reads "The last 24 hours"
  alice reads "New: 2"
  alice reads "Level 1: 0 resolved, 0 escalated, 2 open, 0 overdue"
alice writes "#find excel" and the pinned server says pass
  alice reads "Results for: excel Tickets (1) -----------"
alice writes "#list next month" and the pinned server says pass
  alice reads "there’s no such list. After #list you can write one of these: mine, unassigned, level1, level2, breaching, waiting, later, all."
alice writes "#help" and the pinned server says pass
  alice reads "#explain SUP-1042: why each email and each step is there"
  there are 2 tickets
  anna never reads "#"
