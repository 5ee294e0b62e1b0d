# The mail about one silent requester who has said until when they are away has a line that puts the ticket off until then.

anna writes "My account is locked." about "Account"
alice replies "#waiting\nWhich account is it?"
anna is away and answers automatically "I am on leave until 14 December."
8 business days pass
  level1 receives request, copy, waiting_decision
  level1 reads "#later Monday 14 December 2026"
2 business days pass
6 business days pass
  level1 reads not "#later"
