# An agent can merge only with tickets of their own queues.
with network queue

zoe writes "The firewall's password is on the wall." about "Secret" to network@example.com
anna writes "Word does not start." about "Word"
alice replies "#merge SUP-1 yes" to request of ticket 2
  alice receives not_possible
  alice reads "there is no ticket SUP-1"
  alice never reads "Secret"
  ticket 2 is level1
alice replies "#close duplicate SUP-1" to request of ticket 2
  alice receives not_possible
  alice reads "there is no ticket SUP-1"
  ticket 2 is level1
alice replies "#merge SUP-9" to request of ticket 2
  alice receives not_possible
  alice reads "there is no ticket SUP-9"
