# An agent closes a ticket as a duplicate of a ticket that does not exist, and it stays open.

anna writes "Word does not start." about "Word"
alice replies "#close duplicate SUP-7"
  alice receives not_possible
  alice reads "there is no ticket SUP-7"
  ticket is level1
