# A desk that prefers it gets each decision after silence at once, in a mail of its own.
with [agents] decisions = "each"

anna writes "Word does not start." about "Word"
ben writes "I cannot log in." about "Login"
alice replies "#resolve I reinstalled Word." to request of ticket 1
alice replies "#resolve I unlocked your account." to request of ticket 2
  level1 receives request, request, copy, copy
7 business days pass
  level1 receives decision, decision
