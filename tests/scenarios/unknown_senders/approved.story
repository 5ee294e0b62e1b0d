# An unknown sender's mail waits until an agent approves it, and then opens a ticket.
with [directory] unknown = "hold"

mallory writes "I cannot log in." about "Login"
  there are 0 tickets
  mallory receives nothing
  level1 receives stranger
  level1 reads "I cannot log in."
  level1 reads "Mallory <mallory@evil.example> has written to the desk and isn’t in the directory"
mallory writes "Hello? It is urgent." about "Login 2"
  level1 receives nothing
alice replies "#approve" to stranger
  there are 2 tickets
  mallory receives receipt, receipt
  level1 receives request, request
mallory writes "Another thing." about "Printer"
  there are 3 tickets
alice replies "#spam" to stranger
  the journal says ignored: "another answer changes nothing"
