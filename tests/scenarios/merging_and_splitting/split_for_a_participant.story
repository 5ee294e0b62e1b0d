# A participant's last message is split off into a ticket of their own, once.

anna writes "The projector is dark." about "Projector" with copy to ben
alice replies "Is the cable plugged in?"
ben replies "It is. By the way, my salary slip is wrong."
alice replies "#split Salary slip" to message
  ticket 2 has the requester "ben@example.org"
  ben receives answer, receipt
  anna receives receipt, answer
  level1 receives request, copy, request
  alice receives message, transcript
alice replies "#split Salary slip" to message
  alice receives not_possible
  alice reads "the requester’s last message is already in SUP-2"
