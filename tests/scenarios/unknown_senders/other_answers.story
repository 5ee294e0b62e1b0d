# Only #approve, #reject and #spam of an agent of the level decide about an unknown sender's mail.
with [directory] unknown = "hold"

mallory writes "I cannot log in." about "Login"
  level1 receives stranger
alice replies "Hello Mallory, which login?" to stranger
  mallory receives nothing
  level1 receives stranger
  level1 reads "We couldn’t understand your reply"
mallory replies "#approve" to level1's stranger
  there are 0 tickets
  the journal says ignored: "not listed for level1"
alice is away and answers automatically "I am on holiday." to stranger
  the journal says ignored: "no answer to HOLD-1"
alice replies "#approuver" to stranger
  there is 1 ticket
