# Of several tickets that a level left undecided for the third time the manager gets one mail, without orders.

anna writes "Word does not start." about "Word"
ben writes "I cannot log in." about "Login"
alice replies "#resolve I reinstalled Word." to request of ticket 1
alice replies "#resolve I unlocked your account." to request of ticket 2
8 business days pass
  level1 receives request, request, copy, copy, decisions
2 business days pass
  level1 receives decisions
  manager receives nothing
2 business days pass
  level1 receives decisions
  level1 reads "Times that the level was asked: 3"
  manager receives decisions
  manager sees the subject "2 tickets need a decision"
  manager reads "SUP-2 Login"
  manager reads not "#close"
  manager reads "Please ask the level to answer the questions it was sent."
