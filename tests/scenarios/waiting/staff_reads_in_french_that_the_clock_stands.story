# A French agent reads in the transcript and in the ticket that it waits for its requester and that the clock stands.
with [agents] transcripts = "always"
with montreal queue

zoe writes "L'imprimante ne marche plus." about "Imprimante" to aide@montreal.example
luc replies "#attente\nQuelle imprimante est-ce ?"
  luc receives transcript
  luc reads "En attente de : le demandeur (le délai est suspendu)"
luc replies "#plustard vendredi\n#état" to request
  luc receives status, transcript
  luc reads "En attente de : le demandeur (le délai est suspendu)" in status
  luc reads "le délai est suspendu, et le demandeur ne reçoit pas de rappel d’ici là" in transcript
