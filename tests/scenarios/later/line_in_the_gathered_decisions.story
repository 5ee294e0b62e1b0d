# A requester has said until when they are away: the gathered decisions offer #later for that ticket, and leave it out of "all".

anna writes "My account is locked." about "Account"
ben writes "I cannot log in." about "Login"
zoe writes "The printer is out of paper." about "Printer"
alice replies "#waiting\nWhich account is it?" to request of ticket 1
alice replies "#waiting\nSince when?" to request of ticket 2
alice replies "#resolve There is paper in it now." to request of ticket 3
anna is away and answers automatically "I am away from today to 14 December. In urgent cases, call Ben."
8 business days pass
  level1 receives request, request, request, copy, copy, copy, decisions
  level1 reads "I am away from today to 14 December. In urgent cases, call Ben. - Assigned to: Alice #close SUP-1 no answer #take SUP-1 #later Monday 14 December 2026 SUP-1"
  level1 reads "To close the others: #close SUP-2 SUP-3 no answer"
alice replies "#later Monday 14 December 2026 SUP-1" to level1's decisions
  alice receives reply
  alice reads "postponed until Monday 14 December at 09:00 (Paris time)"
