# A mail that opens a ticket for a requester names no other tickets, and too many tickets at once come back whole.
with [trust] authserv_id = ["mx.example.com"]
with [limits] tickets_per_mail = 2

anna writes "Word does not start." about "Word"
alice writes "#requester ben@example.org\n#close SUP-1 no answer\n\nHe phoned." about "Phone" and the pinned server says pass
  there is 1 ticket
  ticket is level1
  alice receives reply
  alice reads "it names tickets, and your email is about another one or opens one"
alice writes "#take SUP-1 SUP-2\n#time 5m SUP-3\n\nHello." about "Work" and the pinned server says pass
  ticket has the assignee ""
  alice receives reply
  alice reads "Nothing was done or sent: your email names more than 2 tickets."
  alice reads "> Hello."
alice writes "#take SUP-1\n#handback not ours" about "Work" and the pinned server says pass
  ticket has the assignee "alice@example.com"
  alice receives reply
  alice reads "- SUP-1 Word · #take"
  alice reads "“#handback not ours” needs a ticket"
