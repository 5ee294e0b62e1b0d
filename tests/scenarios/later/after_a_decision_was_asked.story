# The level is asked about a silent requester and puts the ticket off in its reply: the next question comes after that day.

anna writes "My account is locked." about "Account"
ben writes "I cannot log in." about "Login"
alice replies "#waiting\nWhich account is it?" to request of ticket 1
alice replies "#waiting\nSince when?" to request of ticket 2
8 business days pass
  level1 receives request, request, copy, copy, decisions
  anna receives receipt, question, waiting_reminder, waiting_reminder
alice replies "#later 14 December SUP-1\n#close SUP-2 no answer" to level1's decisions
  alice receives reply
  alice reads "postponed until Monday 14 December at 09:00 (Paris time); the deadline is paused, and the requester gets no reminder until then"
6 business days pass
  anna receives nothing
  alice receives nothing
  manager receives nothing
1 business day passes
  alice receives back
2 business days pass
  anna receives nothing
  level1 receives closed
1 business day passes
  level1 receives waiting_decision
  level1 reads "This is question 2"
