# "That works" agrees to the appointment that the agent has named: it is passed on, and nothing moves.

anna writes "My screen stays dark." about "Screen"
alice replies "I will come on Thursday at 10 and change the cable."
  level1 receives request, copy
anna replies "That works, thank you." to answer
  ticket is level1
  level1 receives nothing
  alice receives message
anna replies "Ça marche pour jeudi." to answer
  ticket is level1
  level1 receives nothing
  alice receives message
anna replies "I found the switch, it works again." to answer
  ticket is finalizing
