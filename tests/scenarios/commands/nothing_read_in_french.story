# A French-speaking agent sends an empty mail and reads in French that nothing was read in it.
with [desk] languages = ["fr"]

anna writes "Word ne démarre pas." about "Word"
alice replies ""
  alice receives nothing_read
  alice reads "Nous n’avons trouvé aucun texte de votre part"
  ticket is level1
