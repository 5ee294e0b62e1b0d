# A French agent asks the desk in French and is answered in French.
with montreal queue
with [agents] transcripts = "always"
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word ne démarre plus depuis ce matin, que faire ?" about "Word" to aide@montreal.example
  montreal1 receives request
luc writes "#liste\n#rapport jour\n#expliquer SUP-1\n#absent jusqu'à vendredi" about "Mon travail" to aide@montreal.example and the pinned server says pass
  luc receives reply
  luc sees the subject "Re: Mon travail"
  luc reads "À votre niveau, et encore à personne (1)"
  luc reads "SUP-1 · au niveau 1 · échéance"
  luc reads "« Word » — Anna Martin"
  luc reads "Les heures sont celles du fuseau America/Toronto."
  luc reads "Les dernières 24 heures"
  luc reads "Envoyé : l'accusé de réception à Anna Martin ; la demande à niveau1@montreal.example."
  luc reads "Votre absence est notée jusqu'au vendredi 27 novembre 2026 inclus"
luc writes "#voir SUP-1" about "Mon travail" to aide@montreal.example and the pinned server says pass
  luc receives shown
  luc reads "État : au niveau 1"
luc writes "#demandeur ben@example.org\n\nSon imprimante est bloquée." about "Imprimante" to aide@montreal.example and the pinned server says pass
  luc receives reply
  luc reads "SUP-2 est ouvert pour ben@example.org : Imprimante."
  ben receives receipt
  ben reads "Nous avons noté la demande que vous nous avez faite ; sa référence est SUP-2."
  montreal1 receives request
  montreal1 reads "Saisi par luc@montreal.example pour le demandeur."
