# An agent of Level 2 with a mail of Level 1: he is not listed for it, so nothing is ordered.

anna writes "Word does not start." about "Word"
  anna receives receipt
carol replies "#resolve I reinstalled Word." to level1's request
  ticket is level1
  anna receives nothing
