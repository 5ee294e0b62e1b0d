# Mail to a level's mailbox bounces: the desk sends it no more about this ticket, and alarms the operator.

anna writes "Word does not start." about "Word"
level1's request bounces
  operator receives alarm
  operator reads "level1@example.com"
  ticket is level1
