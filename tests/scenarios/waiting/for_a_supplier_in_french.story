# A French agent waits for a supplier, and the French requester hears it.
with [agents] transcripts = "always"
with montreal queue

zoe writes "L'imprimante ne marche plus." about "Imprimante" to aide@montreal.example
luc replies "#attente de HP jusqu'à vendredi\n\nBonjour Zoé, HP envoie une pièce."
  zoe receives receipt, answer
  zoe reads "Nous attendons le retour d’un tiers (HP). Vous aurez de nos nouvelles d’ici au 27 novembre 2026."
  luc receives transcript
  luc reads "le support attend HP et vous enverra un rappel le vendredi 27 novembre"
