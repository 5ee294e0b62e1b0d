# The directory supplies name and language where the mail has neither.
with [directory] people = "people.csv"
the file people.csv says "Courriel;Nom;Langue\nsupplier@vendor.example;Paul Leroy;fr\nanna@example.org;Somebody else;fr"
supplier writes "4711?" about "4711"
ticket has the requester name "Paul Leroy"
ticket has the language "fr"
# The name that a mail gives is what its author calls himself.
anna writes "Word does not start, please help me with it." about "Word"
ticket 2 has the requester name "Anna Martin"
# What the directory says of the language goes before what the mail looks like.
ticket 2 has the language "fr"
