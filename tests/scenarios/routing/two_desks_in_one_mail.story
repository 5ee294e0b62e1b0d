# A request is written to two desks: one ticket opens at the first, and the other desk is no participant.
with montreal queue

anna writes "The printer is broken." about "Printer" to aide@montreal.example with copy to desk
  there is 1 ticket
  ticket has the queue "montreal"
  the participants are anna
the same mail comes again
  there is 1 ticket
  level1 receives nothing
anna writes "Word does not start." about "Word" with copy to montreal_desk into the mailbox
  there are 2 tickets
  ticket 2 has the queue "default"
