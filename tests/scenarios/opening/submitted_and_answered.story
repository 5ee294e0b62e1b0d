# Where every order is answered, an agent who opens a ticket for a requester reads what was done.
with [trust] authserv_id = ["mx.example.com"]
with [agents] transcripts = "always"

alice writes "#requester anna@example.org\n#priority high\n#time 5m\n\nWord does not start." about "Word" and the pinned server says pass
  level1 receives request
  alice receives reply
  alice reads "We’ve opened SUP-1 for anna@example.org: Word"
  alice reads "- #time: 5 min logged, 5 min in total"
  alice reads "- #priority: the priority is now high"
alice writes "#requester anna@example.org\n#waiting Which version is it?\n\nWord does not start." about "Word" and the pinned server says pass
  alice reads "your question was sent to the requester"
alice writes "#requester mallory@evil.example\n#spam\n\nHe phoned." about "Word" and the pinned server says pass
  alice reads "email from mallory@evil.example is refused from now on"
