# A second desk handles a ticket from end to end with its own address, language, hours, time zone and people.
with montreal queue

zoe writes "L'imprimante du bureau ne fonctionne plus depuis ce matin." about "Imprimante" to aide@montreal.example
  ticket has the queue "montreal"
  montreal1 receives request
  montreal1 reads not "Langue :" in request
  zoe receives receipt
  zoe sees the sender "Aide Montréal <aide@montreal.example>"
  zoe's answers go to "aide+SUP-1.1."
  zoe reads "à 10 h 00 (heure de Toronto)"
  zoe reads "Le support est actuellement fermé"
luc replies "#résoudre Le pilote a été remplacé."
  zoe receives confirm
  zoe sees the sender "Aide Montréal <aide@montreal.example>"
  ticket is confirming
  montreal1 receives nothing
zoe replies "résolu"
  ticket is finalizing
  zoe receives final
  zoe's answers go to "aide+SUP-1."
3 business days pass
1 day passes
  ticket is closed
  montreal1 receives closed
  level1 receives nothing
  level2 receives nothing
