# A new requester is named, and the directory's details of that person go into the ticket.
with [directory] people = "people.csv"
the file people.csv says "address;nom;service;langue;vip\nanna@example.org;Anna Martin;Accueil;en;\nzoe@example.net;Zoé Petit;Direction;fr;oui"
anna writes "Zoé cannot open Word. Please help her." about "Word"
ticket has the department "Accueil"
ticket has the priority "normal"
alice replies "#requester zoe@example.net" to request
ticket has the requester "zoe@example.net"
ticket has the requester name "Zoé Petit"
ticket has the department "Direction"
ticket has the language "fr"
ticket has the priority "high"
