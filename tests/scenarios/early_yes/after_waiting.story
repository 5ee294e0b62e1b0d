# After #waiting a yes answers the question: it starts the clock and is passed on as a plain message.

anna writes "The screen flickers." about "Screen"
alice replies "#waiting\nDoes it flicker with another screen?"
  level1 receives request, copy
anna replies "It works with another screen." to question
  ticket is level1
  level1 receives nothing
  alice receives message
anna replies "Oui, avec un autre écran tout va bien" to question
  ticket is level1
  level1 receives nothing
  alice receives message
anna replies "It works now." to question
  ticket is level1
  level1 receives nothing
  alice receives message
