# A yes that answers a mail older than the last solution does not confirm, and the requester is asked to clarify.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#resolve Please restart."
  anna receives confirm
anna replies "resolved" to receipt
  ticket is confirming
  anna receives clarify
  the history says "older than the last solution"
