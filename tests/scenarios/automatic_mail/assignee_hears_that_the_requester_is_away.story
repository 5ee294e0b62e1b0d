# The agent who has a ticket answers a requester who is away: no copy says so, and so a transcript does.

anna writes "Word does not start." about "Word"
alice replies "Which version is it?"
  level1 receives request, copy
anna is away and answers automatically "I am out of the office until 7 December." to answer
alice replies "Please restart it, whichever it is." to request
  level1 receives nothing
  alice receives transcript
  alice reads "> I am out of the office until 7 December."
