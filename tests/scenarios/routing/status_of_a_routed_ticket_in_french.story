# A French agent who routed a ticket away asks for its status in French.
with montreal queue

zoe writes "Quelque chose de privé." about "Privé" to aide@montreal.example
luc replies "#rediriger default"
alice replies "#note Hush." to routed
luc replies "#état" to request
  luc reads "Il a été transmis à la file default ; ce qui s'y passe ne regarde que les personnes de cette file."
  luc never reads "Hush"
