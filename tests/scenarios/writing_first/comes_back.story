# What cannot go out with #to comes back, and no ticket is opened.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#to anna@example.org\n#resolve\n\nYour PC is old." about "PC" and the pinned server says pass
  alice receives reply
  alice reads "it can’t be used together with #to"
  alice reads "> Your PC is old."
  anna receives nothing
alice writes "#to anna@example.org" about "PC" and the pinned server says pass
  alice receives reply
  alice reads "your email has no text of your own to send"
  anna receives nothing
alice writes "#to level1@example.com\n\nYour PC is old." about "PC" and the pinned server says pass
  alice receives reply
  level1 receives nothing
alice writes "#to anna@example.org\n\nYour PC is old." about "PC"
  alice receives challenge
  anna receives nothing
alice replies "yes" to challenge
  anna receives question
  alice receives reply
alice replies "#to ben@example.org\n\nAnd yours?" to copy
  alice receives mistyped
  alice reads "it starts a conversation in a new email to the desk."
  ben receives nothing
