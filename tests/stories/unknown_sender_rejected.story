# An agent says no: nothing comes of it, and the next mail of the same sender is asked about again; spam is not.
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
