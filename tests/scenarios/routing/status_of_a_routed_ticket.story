# An agent who routed a ticket away may ask for its status, and reads nothing that is said there.
with network queue

anna writes "Something private." about "Private"
  level1 receives request
alice replies "#route network" to request
nils replies "#note She will be dismissed.\n#cause an open door" to routed
alice replies "#status" to request
  alice receives status
  alice reads "SUP-1: Private"
  alice reads "with Level 1, since Monday 23 November at 09:00"
  alice reads "This ticket has moved to the queue network. The people of that queue take care of it."
  alice never reads "dismissed"
  alice never reads "an open door"
nils replies "#status" to routed
  nils reads "She will be dismissed."
  nils reads not "has moved to the queue"
