# Who has one open request, or asks in a reply, reads in its thread where it stands; no agent gets a mail for it.

anna writes "Word does not start." about "Word"
  anna receives receipt
  level1 receives request
anna writes "" about "Status"
  there is 1 ticket
  anna receives requester_status
  anna reads "SUP-1 · opened on"
  anna reads "We’re working on it. We aim to have a solution by"
  level1 receives nothing
alice replies "#resolve I reinstalled Word." to request
1 business hour passes
anna replies "Status, please!" to confirm
  ticket is confirming
  anna receives confirm, requester_status
  anna reads "and asked whether it works"
  level1 receives copy
alice replies "#show SUP-1"
  alice receives shown
  alice reads "asked for the status"
