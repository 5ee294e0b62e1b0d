# After the reopening window "not fixed" opens a new ticket that is linked to the closed one.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
60 days pass
  ticket is closed
  anna receives receipt, confirm, final
anna replies "It is broken again." to final
  there are 2 tickets
  ticket 1 is closed
  ticket 2 is level1
  ticket 2 is linked with ticket 1
  anna receives receipt
