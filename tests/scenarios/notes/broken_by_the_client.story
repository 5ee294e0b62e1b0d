# A mail client breaks a note over two lines: all of it stays internal, and the transcript says where it ends.

anna writes "The beamer shows pink only." about "Beamer"
  anna receives receipt
alice replies "#note The lamp is at its end and the warranty is over, and so the head of\nPurchasing had better not hear of it.\n\nHello,\n\nthe lamp is new.\n\n#time 5m\n#resolve"
  alice receives transcript
  alice reads "had better not hear of it.”"
  anna receives confirm
  anna reads "the lamp is new."
  anna never reads "Purchasing"
