# A question in the objection window goes to Level 1 and leaves the ticket as it is.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  level1 receives request, copy
  anna receives receipt, confirm, final
anna replies "Could you send me the licence number?"
  ticket is finalizing
  level1 receives unclear
  level1 reads "licence number"
alice replies "It is 1234-5678."
  anna receives answer
  ticket is finalizing
3 business days pass
  ticket is closed
