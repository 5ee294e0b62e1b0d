# An agent of Level 2 uses a token of Level 1: they are asked for proof, and then act for their own level only.
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
