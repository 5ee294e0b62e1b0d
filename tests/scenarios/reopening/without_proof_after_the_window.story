# "Not fixed" without proof after the reopening window opens a new ticket.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
60 days pass
anna replies "It is broken again." without a token
  there are 2 tickets
  ticket 1 is closed
  ticket 2 is level1
