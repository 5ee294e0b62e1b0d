# A late rating of a reopened ticket is recorded; other numbers go to the level as text.

anna writes "Three of my five screens stay dark." about "Screens"
alice replies "How many work?"
anna replies "4/5"
  level1 receives request, copy
  alice receives message
  ticket has the rating "None"
alice replies "#resolve New cables."
anna replies "resolved"
anna replies "not fixed" to final
  ticket is level1
  level1 receives nothing
  alice receives not_fixed
anna opens the link 3 of final
  ticket is level1
  ticket has the rating "3"
  level1 receives nothing
