# An agent who writes the sender's address behind #approve approves them; another address decides nothing.
with [directory] unknown = "hold"

mallory writes "I cannot log in." about "Login"
alice replies "#approve boss@example.org" to stranger
  there are 0 tickets
alice replies "#approve mallory@evil.example" to stranger
  there is 1 ticket
