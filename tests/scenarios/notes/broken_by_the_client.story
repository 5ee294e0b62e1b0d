# A mail client breaks a note over two lines: all of it stays internal, and the copy says where it ends.

anna writes "The beamer shows pink only." about "Beamer"
  anna receives receipt
alice replies "#note The lamp is at its end and the warranty is over, and so the head of\nPurchasing had better not hear of it.\n\nHello,\n\nthe lamp is new.\n\n#time 5m\n#resolve"
  alice receives nothing
  level1 reads "had better not hear of it.”; logged time: 5 min; sent a solution." in copy
  anna receives confirm
  anna reads "the lamp is new."
  anna never reads "Purchasing"
