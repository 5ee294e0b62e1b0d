# An agent rejects an unknown sender's mail: the next one is asked about again, unless it was marked as spam.
with [directory] unknown = "hold"

mallory writes "Buy my shoes." about "Shoes"
alice replies "#reject" to stranger
  there are 0 tickets
  mallory receives nothing
mallory writes "Buy my hats." about "Hats"
  level1 receives stranger, stranger
  level1 reads "Buy my hats."
bob replies "#spam" to stranger
mallory writes "Buy my ties." about "Ties"
  level1 receives nothing
  the journal says ignored: "blocked as spam"
  there are 0 tickets
