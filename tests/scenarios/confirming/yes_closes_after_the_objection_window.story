# Level 1 resolves, the requester confirms, nobody objects, and the ticket is closed and archived.

anna writes "The printer on the second floor does not work." about "Printer"
  anna receives receipt
  level1 receives request
  level1 reads "does not work"
alice replies "#resolve It was out of paper."
  anna receives confirm
  anna reads "It was out of paper."
  level1 receives copy
  level2 receives nothing
  ticket is confirming
  the timers are decision, reminder
anna replies "resolved"
  anna receives final
  anna reads "It was out of paper."
  level1 receives nothing
  ticket is finalizing
  the history says "yes: 'resolved'"
3 business days pass
  ticket is closed
  anna receives nothing
  level1 receives closed
  the timers are none
