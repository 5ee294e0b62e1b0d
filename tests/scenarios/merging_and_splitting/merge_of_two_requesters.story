# Tickets of two requesters are merged only after an explicit yes, and neither sees the other's mail.

anna writes "Word does not start." about "Word"
ben writes "Word does not start here either." about "Word"
  ben receives receipt
alice replies "#merge SUP-1" to request of ticket 2
  alice receives not_possible
  alice reads "#merge SUP-1 yes"
  ticket 2 is level1
alice replies "#merge SUP-1 yes" to request of ticket 2
  ticket 2 is closed
  there is 1 ticket
  ben receives merged
  ben reads "is about the same issue as SUP-1, so we’re handling both as SUP-1."
  anna receives receipt
  the participants are anna
alice replies "#resolve Reinstalled." to request of ticket 1
  ben receives nothing
  anna receives confirm
