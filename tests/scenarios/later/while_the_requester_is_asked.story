# An agent puts a ticket off whose requester is away: until then the requester gets no reminder, and nobody is asked to decide.

anna writes "My account is locked." about "Account"
alice replies "#waiting\nWhich account is it?"
  anna receives receipt, question
  level1 receives request, copy
anna is away and answers automatically "I am away until 14 December."
alice replies "#later 14 December" to request
  the timers are later, waiting decision, waiting reminder
14 business days pass
  anna receives nothing
  level1 receives nothing
  alice receives nothing
1 business day passes
  alice receives back
  anna receives waiting_reminder
3 business days pass
  anna receives nothing
  level1 receives waiting_decision
2 business days pass
  level1 receives waiting_decision
  level1 reads "This is question 2"
