# The requester answers by phone: #close of Level 1 counts as the yes, #reopen as the no.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
bob replies "#reopen She says that Word still crashes."
  ticket is level1
  level1 receives request, copy
  alice receives not_fixed
  alice reads "She says that Word still crashes."
  anna receives receipt, confirm, reopened
bob replies "#resolve I removed the broken template."
  anna receives confirm
bob replies "#close"
  ticket is finalizing
  anna receives final
bob replies "#reopen She called again, it is back."
  ticket is level2
