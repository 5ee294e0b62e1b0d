# A requester who writes only "status" reads where each of their open requests stands, and no ticket is opened.

anna writes "Word does not start." about "Word"
anna writes "The printer is jammed." about "Printer"
anna writes "I cannot log in." about "Login"
alice replies "#waiting\n\nWhich printer is it?" to request of ticket 2
alice replies "#resolve I unlocked your account." to request of ticket 3
  anna receives receipt, receipt, receipt, question, confirm
anna writes "Status?" about ""
  there are 3 tickets
  anna receives requester_status
  anna reads "“Word” · opened on"
  anna reads "We’re working on it. We aim to have a solution by"
  anna reads "We’re waiting for your answer to our question of"
  anna reads "and asked whether it works"
  level1 receives request, request, request, copy, copy
alice replies "#close no answer" to request of ticket 1
alice replies "#close no answer" to request of ticket 2
anna replies "resolved" to confirm
  ticket 3 is finalizing
  anna receives final, final, final
# Nothing of theirs is open any more: the words are a request like any other.
anna writes "Status" about "Status"
  there are 4 tickets
  anna receives receipt
