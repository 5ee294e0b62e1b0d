# An agent takes back their last step while only their own level knows of it.

anna writes "Word does not start." about "Word"
alice replies "#priority urgent\n#time 2h\n#cc ben@example.org"
  alice receives nothing
  ticket has the priority "urgent"
  ticket has the minutes spent "120"
  the participants are anna, ben
alice replies "#status" to request
  alice receives status
alice replies "#undo" to request
  alice receives transcript
  alice reads "#undo: undone: #priority, #time, #cc"
  alice reads not "To undo this"
  ticket has the priority "normal"
  ticket has the minutes spent "0"
  the participants are anna
  the history says "undo"
alice replies "#undo" to transcript
  alice receives not_possible
  alice reads "there’s no action of yours to undo"
