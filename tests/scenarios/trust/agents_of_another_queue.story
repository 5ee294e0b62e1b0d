# Agents of one queue cannot act on the tickets of another.
with montreal queue

zoe writes "L'imprimante ne fonctionne plus." about "Imprimante" to aide@montreal.example
anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#résoudre Fait." to montreal1's request
  ticket 1 is level1
  zoe receives receipt
luc replies "#resolve Done." to level1's request
  ticket 2 is level1
  anna receives nothing
