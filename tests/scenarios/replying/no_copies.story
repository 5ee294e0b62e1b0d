# A desk that wants none copies no answer to the level.
with [levels.level1] copy_answers = false

anna writes "Word does not start." about "Word"
alice replies "Which version is it?"
bob replies "It is the licence." to request
  bob receives overtaken
  bob reads "#show SUP-1"
  level1 receives request
