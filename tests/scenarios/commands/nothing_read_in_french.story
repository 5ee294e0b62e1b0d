# A French-speaking agent sends an empty mail and reads in French that nothing was read in it.
with [desk] languages = ["fr"]

anna writes "Word ne démarre pas." about "Word"
alice replies ""
  alice receives nothing_read
  alice reads "aucun mot de votre part n'y a été trouvé"
  ticket is level1
