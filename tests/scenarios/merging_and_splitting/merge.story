# An agent merges two tickets of a requester, and later mail to the second arrives at the first.

anna writes "Word does not start." about "Word"
anna writes "Word still does not start." about "Word again"
  anna receives receipt, receipt
  level1 receives request, request
alice replies "#merge SUP-1" to request of ticket 2
  ticket 2 is closed
  there is 1 ticket
  ticket 1 is level1
  anna receives merged
  anna sees the subject "[SUP-2] Your request continues as SUP-1"
  ticket 2 is linked with ticket 1
anna replies "It says error 7." to merged
  level1 receives message
  level1 reads "It says error 7."
  ticket 1 is level1
  there is 1 ticket
alice replies "#resolve Reinstalled." to message
  ticket 1 is confirming
