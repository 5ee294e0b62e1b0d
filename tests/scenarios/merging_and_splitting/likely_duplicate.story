# A request that repeats an open one of the same requester shows the line that merges them, to the level alone.

anna writes "Word does not start." about "Word"
  level1 reads not "may be the same"
anna writes "Can nobody help?" about "word"
  level1 reads "This may be the same as SUP-1: Word. If so, reply with this line:  #merge SUP-1"
  anna never reads "may be the same"
anna writes "word does  not start." about "Help"
  level1 reads "This may be the same as SUP-1: Word."
ben writes "Word does not start." about "Word"
  level1 reads not "may be the same"
anna writes "The printer is jammed." about "Printer"
  level1 reads not "may be the same"
# What was split off repeats nothing.
alice replies "#split" to request of ticket 5
  level1 receives request, request, request, request, request, request
  level1 reads not "may be the same"
alice replies "#close transferred Facilities" to request of ticket 1
alice replies "#close transferred Facilities" to request of ticket 2
anna writes "Again." about "Word"
  level1 reads not "may be the same"
2 days pass
anna writes "Once more." about "Word"
  level1 reads not "may be the same"
