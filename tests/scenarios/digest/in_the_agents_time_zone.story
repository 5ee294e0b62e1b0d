# Agents get their digest at eight in their own time zone, in their own language.
with [digest] at = "08:00"
with [directory] people = "people.csv"
the file people.csv says "address,name,language,timezone\nbob@example.com,Bob Roy,fr,America/Montreal"
8 hours pass
anna writes "Word does not start." about "Word"
15.5 hours pass
# 8:30 in Paris, 2:30 in Montréal.
alice receives digest
alice reads "Due 12:00 · SUP-1 Word · Anna Martin"
bob receives nothing
5 hours pass
bob receives nothing
alice replies "#resolve I reinstalled it." to request
zoe writes "The printer is out of paper." about "Printer"
1 hours pass
# 14:30 in Paris, 8:30 in Montréal: what is still to do then. Bob reads French.
bob receives digest
bob sees the subject "Vos tickets du jour : 1 à traiter aujourd’hui"
bob reads "Fuseau horaire : heure de Montreal."
bob reads "Échéance : 11 h 30 · SUP-2 Printer · Zoé"
bob reads not "SUP-1"
