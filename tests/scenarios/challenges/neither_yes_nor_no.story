# An agent answers neither yes nor no: nothing is done, they learn once how to answer, and the question stands.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word." without a token
  alice receives challenge
alice replies "What is this about?" to challenge
  the journal says ignored: "neither yes nor no"
  ticket is level1
  alice receives challenge
  alice reads "We couldn’t tell whether your reply meant yes or no"
  operator receives nothing
alice replies "Alice Martin, IT Support" to challenge
  the journal says ignored: "HOLD-1 stands"
  alice receives nothing
  ticket is level1
alice replies "Yes please" to challenge
  ticket is confirming
