# A rating with a yes is recorded and closes the ticket at once.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
anna opens the link 5 of final and adds "It works again!"
  ticket is closed
  ticket has the rating "5"
  level1 receives request, copy, closed
