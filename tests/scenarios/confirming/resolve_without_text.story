# An agent writes #resolve without text, and the last public answer becomes the solution.

anna writes "How do I print on both sides?" about "Printing"
alice replies "Tick the box Duplex."
  anna receives receipt, answer
alice replies "#resolve"
  anna receives confirm
  anna reads "Tick the box Duplex."
  ticket has the solution "Tick the box Duplex."
