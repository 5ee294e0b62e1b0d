# The requester confirms and names another problem: the agent splits it off into a new ticket.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "It works again, thanks. Another thing: my printer does not print."
  level1 receives request, copy, new_problem
alice replies "#split Printer does not print" to new_problem
  alice receives transcript
  alice reads "SUP-2 was opened for the requester’s last message"
  alice reads "- anna@example.org (SUP-2): the receipt"
  there are 2 tickets
  ticket 2 is linked with ticket 1
  ticket 1 is finalizing
  ticket 2 is level1
  ticket 2 has the subject "Printer does not print"
  ticket 2 has the requester "anna@example.org"
  level1 receives request
  level1 reads "my printer does not print"
  anna receives receipt, confirm, final, receipt
alice replies "Which printer is it?" to request of ticket 2
  anna receives answer
  anna sees the subject "Re: Printer does not print [SUP-2]"
