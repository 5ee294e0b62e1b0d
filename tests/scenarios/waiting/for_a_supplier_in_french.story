# A French agent waits for a supplier, and the French requester hears it.
with [agents] transcripts = "always"
with montreal queue

zoe writes "L'imprimante ne marche plus." about "Imprimante" to aide@montreal.example
luc replies "#attente de HP jusqu'à vendredi\n\nBonjour Zoé, HP envoie une pièce."
  zoe receives receipt, answer
  zoe reads "Nous attendons HP et vous donnerons des nouvelles d'ici au 27 novembre 2026."
  luc receives transcript
  luc reads "le service attend HP et vous le rappelle le vendredi 27 novembre"
