# The relay takes no mail to the requester: the level hears of it at once.

anna writes "Word does not start." about "Word"
  level1 receives request
the relay is refusing anna
alice replies "Please restart."
  level1 receives copy, failed
  level1 reads "no such user"
  ticket is level1
