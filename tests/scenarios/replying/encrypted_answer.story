# An encrypted answer to the confirmation question decides nothing and goes to Level 1.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  level1 receives request, copy
  anna receives receipt, confirm
anna replies with an encrypted mail
  ticket is confirming
  level1 receives unclear
