# A French agent writes #attente without a question, and is asked for it in French.
with montreal queue

zoe writes "L'imprimante ne marche plus." about "Imprimante" to aide@montreal.example
luc replies "#attente"
  luc receives reason_wanted
  luc reads "répondez de nouveau avec #attente suivi de votre question"
