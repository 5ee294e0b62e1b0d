# A requester reopens: the old solution is marked as failed for the next level, and the new one replaces it.

anna writes "Word does not start since the update." about "Word does not start"
alice replies "#resolve I reinstalled Word from the server."
anna replies "Yes, it is resolved."
3 business days pass
  ticket 1 is closed
anna replies "It is not fixed, Word does not start."
  ticket 1 is level1
ben writes "Word does not start here either." about "Word"
  level1 reads "It helped 1 person. It didn’t help 1 person." in request
alice replies "#resolve I removed the broken add-in of Word." to not_fixed
anna replies "Yes, it is resolved." to confirm
3 business days pass
  ticket 1 is closed
zoe writes "Word does not start." about "Word"
  level1 reads "I removed the broken add-in of Word." in request
  level1 reads "It helped 1 person." in request
  level1 reads not "reinstalled" in request
