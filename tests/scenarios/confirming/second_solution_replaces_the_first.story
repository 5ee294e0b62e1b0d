# An agent resolves again before the requester answers, and the new solution replaces the old one.

anna writes "Word does not start." about "Word"
alice replies "#resolve Please restart."
  anna receives receipt, confirm
alice replies "#resolve Sorry, please reinstall it from the shop."
  anna receives confirm
  anna reads "please reinstall it from the shop"
  ticket has the solution "Sorry, please reinstall it from the shop."
  ticket is confirming
anna replies "resolved"
  ticket is finalizing
  anna receives final
  anna reads "please reinstall it from the shop"
