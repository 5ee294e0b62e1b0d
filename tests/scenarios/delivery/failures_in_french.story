# A French level reads why a mail did not arrive in French, and none of the desk's own words for it.
with [desk] languages = ["fr", "en"]

anna writes "Bonjour, Word ne démarre plus depuis ce matin. Merci d'avance !" about "Word"
alice replies "Redémarrez, s'il vous plaît."
  level1 receives request, copy
anna's answer bounces with the status 5.1.1
  level1 receives failed
  level1 reads "Motif : l’adresse n’existe pas (5.1.1)"
  level1 reads not "bounce"
  level1 reads not "failed"
  level1 reads not "Réponse du serveur"
  level1 reads "#débloquer"
alice replies "#débloquer" to failed
  alice receives reply
alice replies "#résoudre J'ai réinstallé Word." to request
  level1 receives nothing
anna's confirm bounces with the status 5.2.2
  level1 receives decision
  level1 reads "n’a pas pu être remise : la boîte aux lettres est pleine (5.2.2)."
  level1 reads not "bounce"
bob replies "#escalade Je ne sais plus."
  level2 receives escalation
  level2 reads "la question au demandeur n’a pas pu être remise : anna@example.org, la boîte aux lettres est pleine (5.2.2)"
  level2 reads not "bounce"
