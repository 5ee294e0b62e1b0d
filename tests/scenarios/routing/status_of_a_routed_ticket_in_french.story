# A French agent who routed a ticket away asks for its status in French.
with montreal queue

zoe writes "Quelque chose de privé." about "Privé" to aide@montreal.example
luc replies "#rediriger default"
alice replies "#note Hush." to routed
luc replies "#état" to request
  luc reads "Ce ticket a été transféré dans la file d’attente default. Les membres de cette file en assurent la suite."
  luc never reads "Hush"
