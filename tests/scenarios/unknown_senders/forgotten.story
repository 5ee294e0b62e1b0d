# Nobody decides about an unknown sender's mail: Level 1 is asked again, the third time the manager too.
with [directory] unknown = "hold"

mallory writes "I cannot log in." about "Login"
  level1 receives stranger
3 days pass
  level1 receives stranger
  level1 reads "We’ve now asked 2 times"
  manager receives nothing
3 days pass
  level1 receives stranger
  manager receives stranger
  manager reads "I cannot log in."
manager replies "#approve" to stranger
  there is 1 ticket
  mallory receives receipt, escalated
# The time allowed counts from when the mail came, not from when somebody looked at it.
  ticket is level2
