# Mail to a level's own mailbox comes back: no more mail to that mailbox about it, the operator is told.

anna writes "Word does not start." about "Word"
level1's request bounces
  operator receives alarm
  operator reads "level1@example.com"
  ticket is level1
