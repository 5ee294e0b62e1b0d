# A French agent gets the transcript of their commands in French.
with [agents] transcripts = "always"
with [desk] languages = ["fr", "en"]

anna writes "Bonjour, Word ne démarre plus depuis ce matin. Merci d'avance !" about "Word"
alice replies "#temps 15m\n#priorité haute\n#résoudre\n\nJ'ai réinstallé Word, tout redémarre."
  alice receives transcript
  alice reads "#temps : 15 min de plus, 15 min au total"
  alice reads "#priorité : la priorité est maintenant haute"
  alice reads "#résoudre : la solution a été envoyée, et le demandeur est invité à la confirmer"
  alice reads "anna@example.org : la solution, à confirmer"
  alice reads "level1@example.com : une copie"
alice replies "#rediriger reseau" to transcript
  alice receives not_possible
  alice reads "la question « est-ce résolu ? » a été posée au demandeur"
