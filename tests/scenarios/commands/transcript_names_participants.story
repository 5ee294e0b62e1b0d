# Where no copy tells the agent, a transcript names those in copy who got mail beside the requester.
with [levels.level1] copy_answers = false

anna writes "Word does not start." about "Word" with copy to ben
alice replies "#waiting Which version is it?"
  ben receives question
  alice receives transcript
  alice reads "ben@example.org: your question"
alice replies "Please look into the help menu." to request
  ben receives answer
  alice receives nothing
