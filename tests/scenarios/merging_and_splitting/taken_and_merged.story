# Who has the ticket that is merged has the one in which it goes on, if nobody has that and it is with the same level.

ben writes "Word does not start." about "Word"
anna writes "The printer in room 4 smokes." about "Printer"
anna writes "It still smokes, and it is loud now." about "Smoke"
bob replies "Please switch it off.\n\n#merge SUP-2" to request
  ticket 2 has the assignee "bob@example.com"
anna replies "It is off." to merged
  bob reads "It is off." in message
bob replies "#merge SUP-1 yes" to message
  ticket 1 has the assignee "bob@example.com"
