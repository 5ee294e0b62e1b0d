# The words may name the request by its reference, where that is an open one of theirs; else they are a request.

anna writes "Word does not start." about "Word"
anna writes "What is the status of my request SUP-1?" about "SUP-1"
  there is 1 ticket
  anna receives receipt, requester_status
  anna reads "SUP-1 · opened on"
anna writes "" about "Où en est ma demande SUP-1 ?"
  there is 1 ticket
  anna receives requester_status
anna writes "status SUP-7" about "Status"
  there are 2 tickets
  anna receives receipt
anna writes "status of HP-1" about "Status"
  there are 3 tickets
  anna receives receipt
anna writes "Status SUP-3, please" about "Question"
  there are 3 tickets
  anna receives requester_status
  anna reads "SUP-3 · opened on"
  anna reads not "SUP-1 ·" in requester_status
