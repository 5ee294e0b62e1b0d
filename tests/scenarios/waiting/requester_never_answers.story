# The requester never answers a question: two reminders, then the level is asked, the third time the manager as well.

anna writes "My account is locked." about "Account"
alice replies "#waiting\nWhich account is it?"
  anna receives receipt, question
  level1 receives request, copy
2 business days pass
  anna receives waiting_reminder
3 business days pass
  anna receives waiting_reminder
  level1 receives nothing
3 business days pass
  level1 receives waiting_decision
2 business days pass
  level1 receives waiting_decision
  manager receives nothing
2 business days pass
  level1 receives waiting_decision
  manager receives manager_decision
2 business days pass
  level1 receives waiting_decision
  anna receives nothing
  ticket is level1
alice replies "#close no answer"
  ticket is finalizing
  anna receives final
