# Whoever forges the requester's name learns nothing, and an address that nothing has proven reads no subjects.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
anna writes "The printer is jammed." about "Printer"
anna writes "Status" about "Status"
  there are 2 tickets
  anna receives receipt, receipt, requester_status
  anna reads "SUP-1 · opened on"
  anna reads not "Printer"
# What the pinned server calls forged is no question to answer by itself.
anna writes "Status" about "Status" and the pinned server says fail
  there are 3 tickets
