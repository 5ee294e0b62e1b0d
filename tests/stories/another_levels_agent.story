# An agent of Level 2 with a mail of Level 1: its token is not his, so that he is asked for proof. Then he acts for his own
# level, which has not got the ticket.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
  anna receives receipt
carol replies "#resolve I reinstalled Word." to level1's request
  ticket is level1
  anna receives nothing
  carol receives challenge
carol replies "yes, that was me" to challenge
  ticket is level1
  anna receives nothing
  carol receives late_level
  carol reads "has been with Level 1"
  carol reads "I reinstalled Word."
carol replies "#resolve I reinstalled Word." to level1's request and the pinned server says pass
  ticket is level1
  carol receives late_level
