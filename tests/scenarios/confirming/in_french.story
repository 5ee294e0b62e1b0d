# A French requester gets every notice in French and confirms in French.

anna writes "Bonjour, mon écran reste noir depuis ce matin, pouvez-vous m'aider ?" about "Écran noir"
alice replies "#résolu Le câble était débranché."
  anna receives receipt, confirm
  anna reads "résolu"
anna replies "C'est bon, merci !"
  ticket is finalizing
  anna receives final
