# An agent ends the wait for the requester with #take, and the clock runs again.

anna writes "My account is locked." about "Account"
alice replies "#waiting\nWhich account is it?"
  the timers are waiting decision, waiting reminder
1 business day passes
alice replies "#take"
  ticket has the assignee "alice@example.com"
  the timers are escalation, warning
4 business hours pass
  ticket is level2
