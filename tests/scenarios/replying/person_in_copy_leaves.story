# A person in copy leaves with one word and is told so; the requester's next mail to all brings nobody back, an agent's #cc does.

anna writes "Word does not start." about "Word" with copy to ben
alice replies "It is being reinstalled tonight."
  anna receives receipt, answer
  ben receives answer
  level1 receives request, copy
ben replies "Unsubscribe, please" to answer
  ben receives left
  ben reads "we won’t send you any more emails about the request SUP-1"
  level1 receives nothing
  anna receives nothing
alice replies "It is done."
  anna receives answer
  ben receives nothing
# Of a requester the word is a message like any other.
anna replies "unsubscribe" to answer
  anna receives nothing
  alice receives message
alice replies "#cc ben@example.org\n\nStill with us?"
  anna receives answer
  ben receives answer
