# A requester whose ticket is merged hears nothing of it where it is closed already, is spam, or the desk tells nobody.
with [notices] tell_merged = true

mallory writes "Buy now." about "Offer"
mallory writes "Buy now, really." about "Offer"
anna writes "Word does not start." about "Word"
anna writes "Excel does not start." about "Excel"
anna writes "Paint does not start." about "Paint"
alice replies "#close spam" to request of ticket 1
alice replies "#merge SUP-1" to request of ticket 2
  ticket 2 is closed
  mallory receives receipt, receipt
alice replies "#close transferred Facilities" to request of ticket 4
  anna receives receipt, receipt, receipt, transferred
alice replies "#merge SUP-3" to request of ticket 4
  anna receives nothing
the desk starts again with [notices] tell_merged = false
alice replies "#merge SUP-3" to request of ticket 5
  ticket 5 is closed
  anna receives nothing
