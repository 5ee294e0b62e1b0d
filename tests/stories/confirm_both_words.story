# Both words of the notice left in: nobody can know which one is meant.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
anna replies "resolved / not fixed"
  ticket is confirming
  anna receives clarify
