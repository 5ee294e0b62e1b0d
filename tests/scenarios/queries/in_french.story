# A French agent asks the desk in French and is answered in French.
with montreal queue
with [agents] transcripts = "always"
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word ne démarre plus depuis ce matin, que faire ?" about "Word" to aide@montreal.example
  montreal1 receives request
luc writes "#liste\n#rapport jour\n#expliquer SUP-1\n#absent jusqu'à vendredi" about "Mon travail" to aide@montreal.example and the pinned server says pass
  luc receives reply
  luc sees the subject "Re: Mon travail"
  luc reads "À votre niveau, non assignés (1)"
  luc reads "SUP-1 Word · Anna Martin · au niveau 1"
  luc reads "Échéance : "
  luc reads "Fuseau horaire : heure de Toronto."
  luc reads "Les dernières 24 heures"
  luc reads "Envoyé à Anna Martin : l’accusé de réception"
  luc reads "Votre absence est enregistrée jusqu’au vendredi 27 novembre 2026 inclus"
luc writes "#voir SUP-1" about "Mon travail" to aide@montreal.example and the pinned server says pass
  luc receives shown
  luc reads "État : au niveau 1"
luc writes "#demandeur ben@example.org\n\nSon imprimante est bloquée." about "Imprimante" to aide@montreal.example and the pinned server says pass
  luc receives reply
  luc reads "SUP-2 est ouvert pour ben@example.org : Imprimante"
  ben receives receipt
  ben reads "Nous avons enregistré votre demande."
  montreal1 receives request
  montreal1 reads "Saisi par luc@montreal.example pour le demandeur."
