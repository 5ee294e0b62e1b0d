# An agent's answer bounces: the level is notified, and the ticket stays where it is.

anna writes "Word does not start." about "Word"
alice replies "Please restart."
  level1 receives request, copy
anna's answer bounces
  level1 receives failed
  level1 reads "anna@example.org"
  ticket is level1
