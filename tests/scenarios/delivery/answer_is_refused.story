# The relay refuses an agent's answer, and the level is notified at once.

anna writes "Word does not start." about "Word"
  level1 receives request
the relay is refusing anna
alice replies "Please restart."
  level1 receives copy, failed
  level1 reads "no such user"
  ticket is level1
