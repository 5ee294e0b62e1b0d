# A link ends with #link no, and when the ticket goes to another queue.
with network queue

anna writes "Mail does not work." about "Mail"
ben writes "I cannot send anything." about "Sending"
alice replies "#link SUP-2" to request of ticket 1
alice replies "#link no" to request of ticket 1
  alice receives nothing
alice replies "Your new password is on its way by post." to request of ticket 1
  anna receives receipt, answer
  ben receives receipt
alice replies "#link SUP-2" to request of ticket 1
alice replies "#route network" to request of ticket 1
nils replies "#resolve The switch was dark."
  anna receives moved, confirm
  ben receives nothing
  ticket 2 is level1
