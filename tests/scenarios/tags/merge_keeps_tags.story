# What a merged ticket was tagged with goes on in the ticket that is kept.

anna writes "Word does not start." about "Word"
anna writes "Word still does not start." about "Word again"
alice replies "#tag macros" to request of ticket 2
alice replies "#merge SUP-1" to request of ticket 2
  ticket 1 has the tags "('macros',)"
