# The answer to "#explain" names the people of the ticket as they sign their mails, and colleagues as the directory has them.
with [trust] authserv_id = ["mx.example.com"]
with [directory] people = "people.csv"

the file people.csv says "address;name\nbob@example.com;Bob Stone"
anna writes "Word does not start." about "Word"
bob replies "Please restart it."
alice replies "#close withdrawn" to request
alice writes "#explain SUP-1" about "Why" and the pinned server says pass
  alice reads "email from Anna Martin"
  alice reads "Sent to Anna Martin: the receipt"
  alice reads "Bob Stone"
  alice reads not "anna@example.org"
  alice reads not "bob@example.com"
alice writes "#assign bob SUP-1" about "Work" and the pinned server says pass
  alice reads "#assign: now assigned to Bob Stone"
