# An agent links the tickets of one outage, and one answer goes to each requester separately.

anna writes "Mail does not work." about "Mail"
ben writes "I cannot send anything." about "Sending"
zoe writes "Outlook waits for ever." about "Outlook"
  level1 receives request, request, request
alice replies "#link SUP-2, SUP-3" to request of ticket 1
  alice receives nothing
  ticket 2 is level1
alice replies "The mail server is being restarted." to request of ticket 1
  anna receives receipt, answer
  ben receives receipt, answer
  zoe receives receipt, answer
  ben reads "The mail server is being restarted." in answer
  ben never reads "anna"
  level1 receives copy
  alice receives transcript
  alice reads "ben@example.org (SUP-2): your reply"
alice replies "#resolve The mail server runs again." to request of ticket 1
  anna receives confirm
  ben receives confirm
  zoe receives confirm
  ticket 3 is confirming
  alice receives transcript
  alice reads "ben@example.org (SUP-2): the solution and the question whether it’s solved"
ben replies "It works again, thanks!"
zoe replies "Still nothing."
  ticket 1 is confirming
  ticket 2 is finalizing
  ticket 3 is level1
# What was said once is said: only the open tickets hear of the next answer.
alice replies "Now really." to request of ticket 1
  anna receives answer
  zoe receives reopened, answer
  ben receives final
