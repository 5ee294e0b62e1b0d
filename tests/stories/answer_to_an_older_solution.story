# A yes to an older confirm notice is no yes to the solution that came since.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#resolve Please restart."
  anna receives confirm
anna replies "resolved" to receipt
  ticket is confirming
  anna receives clarify
  the history says "older than the last solution"
