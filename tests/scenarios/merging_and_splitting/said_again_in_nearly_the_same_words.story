# A requester who asks again in nearly the same words within a day makes a request with a ready line to merge it.

anna writes "I cannot log in to the portal any more." about "Portal"
7 minutes pass
anna writes "Hello, I still cannot log in to the portal. Is anybody there?" about "Portal again"
  level1 reads "This may be the same as SUP-1: Portal."
  level1 reads "#merge SUP-1"
anna writes "It is jammed." about "Printer floor 2"
anna writes "It is jammed." about "Printer floor 3"
  level1 reads not "This may be the same"
ben writes "I still cannot log in to the portal." about "Portal again"
  level1 reads not "This may be the same"
25 hours pass
anna writes "I still cannot log in to the portal." about "Portal once more"
  level1 reads not "This may be the same"
