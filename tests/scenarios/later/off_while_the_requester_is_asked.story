# An agent takes #later back while the requester is asked: the reminder that was left out goes out, and the questions follow.

anna writes "My account is locked." about "Account"
alice replies "#waiting\nWhich account is it?"
alice replies "#later 14 December" to request
3 business days pass
  anna receives receipt, question
alice replies "#later off" to request
  the timers are waiting decision, waiting reminder
5 business minutes pass
  anna receives waiting_reminder
2 business days pass
  anna receives waiting_reminder
3 business days pass
  level1 receives request, copy, waiting_decision
