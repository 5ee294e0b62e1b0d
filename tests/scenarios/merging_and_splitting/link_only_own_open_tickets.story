# An agent can link only to open tickets of their own queue.
with network queue

anna writes "Mail does not work." about "Mail"
ben writes "The network is down." about "Network" to network@example.com
alice replies "#link SUP-2" to request of ticket 1
  alice receives not_possible
  alice reads "there is no ticket SUP-2"
alice replies "#link SUP-9" to request of ticket 1
  alice receives not_possible
  alice reads "there is no ticket SUP-9"
alice replies "#link SUP-1" to request of ticket 1
  alice receives not_possible
  alice reads "SUP-1 is this ticket"
alice replies "#link the other one" to request of ticket 1
  alice receives mistyped
  alice reads "#link REFERENCE REFERENCE"
