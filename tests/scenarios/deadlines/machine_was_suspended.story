# The machine was suspended over every deadline of a confirmation: each fires once and in order, with one reminder.

anna writes "The printer is broken." about "Printer"
  anna receives receipt
  level1 receives request
alice replies "#resolve It has new toner." to request
  anna receives confirm
  level1 receives copy
the machine sleeps for 20 business days
  anna receives reminder
  level1 receives nothing
  the timers are decision
1 business day passes
  level1 receives nothing
1 business day passes
# What Level 1 is to decide comes when the desk opens next.
  level1 receives nothing
1 business day passes
  level1 receives decision
  anna receives nothing
