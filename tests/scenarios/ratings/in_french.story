# A French requester is asked for a rating in French, and agents see it with the ticket.

zoe writes "Bonjour, l'imprimante du bureau ne fonctionne plus depuis ce matin." about "Imprimante"
alice replies "#resolve Le pilote a été remplacé."
zoe replies "résolu"
  zoe reads "Que pensez-vous de notre assistance"
zoe opens the link 2 of final and adds "Trop long, deux jours sans imprimante."
  ticket has the rating "2"
  the history says "Ma note : 2 sur 5"
alice replies "#show"
  alice reads "Rating: 2 of 5"
  alice reads "deux jours sans imprimante"
