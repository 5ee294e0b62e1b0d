# An agent's mail that says only that they are away goes back to the level; with a command it goes out.

anna writes "Word does not start." about "Word"
  anna receives receipt
  level1 receives request
alice replies "I am on annual leave until 5 May. Bob covers for me."
  level1 receives returned_automatic
  level1 reads "with a command such as “#time 5m” in the first line"
  anna receives nothing
  ticket is level1
alice replies "Ich bin bis Montag nicht im Büro." to request
  level1 receives returned_automatic
  anna receives nothing
alice replies "#time 5m\n\nI am on annual leave until 5 May. Bob covers for me." to request
  anna receives answer
  anna reads "I am on annual leave until 5 May."
  level1 receives copy
alice replies "I am out of the office until Monday, Bob will bring the key tomorrow at nine." to request
  anna receives answer
  level1 receives nothing
alice replies "I am out of the office until Monday." to request
  level1 receives returned_automatic
alice replies "I am out of the office until Monday." to request
  level1 receives nothing
  anna receives nothing
