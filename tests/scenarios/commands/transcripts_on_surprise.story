# An order that did just what it says is answered by no mail; the copy for the level says what was done beside the words.

anna writes "Word does not start." about "Word"
  level1 receives request
alice replies "#time 15m\n#type incident"
alice replies "#note The add-in of last week again."
alice replies "#time 15m\n#priority high\n#resolve\n\nI removed the add-in."
  alice receives nothing
  level1 receives copy
  level1 reads "Alice logged time: 15 min; set the priority: high; sent a solution. The ticket is now with Alice."
  level1 reads "Sent by Alice to Anna Martin <anna@example.org>: > I removed the add-in."
# What comes back is told.
bob replies "#waiting Which one?" to request
  bob receives not_possible
