# Level 1 forgets a request: it escalates by itself, is reopened once, and closes when the requester confirms.

anna writes "Bonjour, mon imprimante est en panne depuis ce matin." about "Imprimante en panne"
  anna receives receipt
  anna sees the subject "[SUP-1] Nous avons bien reçu votre demande"
  level1 receives request
  ticket is level1
  the timers are escalation, warning
4 business hours pass
  level1 receives warning, taken_over
  level2 receives escalation
  level2 reads "mon imprimante est en panne"
  anna receives escalated
  ticket is level2
carol replies "#resolve New driver installed."
  anna receives confirm
  level1 receives solution
  level2 receives nothing
  ticket is confirming
anna replies "Toujours pas, merci"
  ticket is level2
  level2 receives nothing
  carol receives not_fixed
  anna receives reopened
  the history says "Toujours pas"
carol replies "#resolve The cable was broken; replaced."
  anna receives confirm
  anna reads "The cable was broken; replaced."
anna replies "C'est réglé, merci !"
  anna receives final
  ticket is finalizing
  the timers are objection
3 business days pass
  ticket is closed
  the timers are none
  level1 receives solution, closed
