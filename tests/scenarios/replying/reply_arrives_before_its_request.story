# A requester's addition arrives before the request itself, and both join in one ticket.

anna writes "Word does not start." about "Word" and, arriving before it, adds "It says error 7."
  there is 1 ticket
  anna receives receipt
  level1 receives request, message
  level1 reads "It says error 7."
