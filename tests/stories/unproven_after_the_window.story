# After the window the same words are a request like any other.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
60 days pass
anna replies "It is broken again." without a token
  there are 2 tickets
  ticket 1 is closed
  ticket 2 is level1
