# An agent transfers a request elsewhere: the requester learns to whom, and the ticket is closed at once.

anna writes "My badge does not open the door." about "Badge"
  anna receives receipt
alice replies "#close transferred Facilities, ticket FM-77"
  ticket is closed
  anna receives transferred
  anna reads "Facilities, ticket FM-77"
  the timers are none
