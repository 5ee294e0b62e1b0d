# The requester confirms and reports a new problem: the ticket is finalized, and Level 1 gets the new problem ready to split.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  level1 receives request, copy
anna replies "It works again, thanks. Another thing: my printer does not print."
  ticket is finalizing
  anna receives final
  level1 receives new_problem
  level1 reads "my printer does not print"
  level1 reads "#split"
