# A name that two agents have comes back with a ready line for each; a name that nobody of the level has names its agents.
with [agents] transcripts = "always"
with [directory] people = "people.csv"
with [levels.level1] agents = ["alice@example.com", "bob@example.com", "bob.miller@example.com"]

the file people.csv says "address;name\nbob@example.com;Bob Stone"
anna writes "Word does not start." about "Word"
alice replies "#assign bob"
  alice receives not_possible
  alice reads "bob could be Bob Stone <bob@example.com>, bob.miller@example.com; write the one you mean."
  alice reads "#assign bob@example.com #assign bob.miller@example.com"
  ticket has the assignee ""
alice replies "#assign bob miller" to request
  ticket has the assignee "bob.miller@example.com"
alice replies "#assign stone" to request
  ticket has the assignee "bob@example.com"
alice replies "#assign carol" to request
  alice reads "no agent of the level is called carol; there are alice@example.com, Bob Stone <bob@example.com>, bob.miller@example.com."
  ticket has the assignee "bob@example.com"
alice replies "#assign the whole ticket to bob" to request
  alice receives transcript, transcript, not_possible, mistyped
  alice reads "#assign NAME"
