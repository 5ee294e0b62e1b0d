# The words and the answer are in the requester's language.

anna writes "Bonjour,\n\nWord ne démarre plus, je ne peux pas travailler.\n\nMerci\nAnna" about "Word"
anna writes "Bonjour,\n\nl'imprimante du deuxième étage n'imprime plus.\n\nMerci\nAnna" about "Imprimante"
anna writes "Bonjour,\n\noù en est ma demande ?\n\nMerci" about "Question"
  there are 2 tickets
  anna receives receipt, receipt, requester_status
  anna reads "Voici vos demandes en cours"
