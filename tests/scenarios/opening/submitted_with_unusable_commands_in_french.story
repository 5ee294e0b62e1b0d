# A French agent opens a ticket with commands that cannot stand there, and is answered in French.
with montreal queue
with [trust] authserv_id = ["mx.example.com"]

luc writes "#demandeur zoe@example.net\n#demandeur ben@example.org\n#attente\n\nElle a appelé." about "Imprimante" to aide@montreal.example and the pinned server says pass
  luc receives reply
  luc reads "« #requester ben@example.org » n’a pas été pris en compte : un e-mail ouvre un seul ticket"
  luc reads "« #waiting » n’a pas été exécuté"
