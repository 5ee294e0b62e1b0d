# A bare #resolve: the last public answer is the solution; one notice carries it.

anna writes "How do I print on both sides?" about "Printing"
alice replies "Tick the box Duplex."
  anna receives receipt, answer
alice replies "#resolve"
  anna receives confirm
  anna reads "Tick the box Duplex."
  ticket has the solution "Tick the box Duplex."
