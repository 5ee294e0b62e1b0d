# Agents read the names of their colleagues as the directory has them; the requester reads neither names nor addresses.
with [agents] transcripts = "always"
with [trust] authserv_id = ["mx.example.com"]
with [directory] people = "people.csv"

the file people.csv says "address;name\nbob@example.com;Bob Stone\nalice@example.com;Alice Roy"
anna writes "Word does not start." about "Word"
alice replies "#assign bob\n#note He knows it."
  alice receives transcript
  alice reads "#assign: now assigned to Bob Stone"
  alice reads "Bob Stone: the whole ticket"
  alice reads not "bob@example.com"
  bob receives assigned
  bob reads "Alice Roy assigned this ticket to you"
  bob reads "Assigned to: Bob Stone"
  bob reads "Alice Roy · assigned: Bob Stone"
bob replies "#undo" to assigned
  bob reads "the last action wasn’t yours but Alice Roy’s"
bob replies "I am on it." to assigned
  level1 receives request, copy
  level1 reads "Sent by Bob Stone to Anna Martin"
alice writes "#list all\n#explain SUP-1" and the pinned server says pass
  alice reads "Anna Martin · with Level 1 · Bob Stone"
  alice reads "Alice Roy assigned"
  alice reads "Sent to Bob Stone: the ticket, assigned"
3 business hours pass
  level1 reads "Assigned to: Bob Stone"
  anna never reads "Stone"
  anna never reads "bob@"
