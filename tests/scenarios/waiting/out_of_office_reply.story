# The requester is asked a question and sends an out-of-office reply: the clock stays paused.

anna writes "My account is locked." about "Account"
alice replies "#waiting\nWhich account is it?"
anna is away and answers automatically "I am out of the office until Monday."
  the timers are waiting decision, waiting reminder
  level1 receives request, copy
  ticket is level1
