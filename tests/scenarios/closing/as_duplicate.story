# An agent closes a ticket as a duplicate: the requester gets the other reference and may object.

anna writes "Word does not start." about "Word"
anna writes "Word still does not start, please help." about "Word again"
  there are 2 tickets
alice replies "#close duplicate SUP-1" to request of ticket 2
  ticket 2 is finalizing
  ticket 1 is level1
  anna receives receipt, receipt, final
  anna reads "SUP-1"
