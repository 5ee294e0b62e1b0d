# A rating with "not fixed" reopens the ticket and is recorded.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  level1 receives request, copy
anna opens the link 1 of final and adds "Not fixed, Word crashes again."
  ticket is level1
  ticket has the rating "1"
  ticket has the rating words "Not fixed, Word crashes again."
  level1 receives nothing
  alice receives not_fixed
  alice reads "Not fixed, Word crashes again."
  the history says "rating: 'Rating: 1 of 5'"
