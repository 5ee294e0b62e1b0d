# A shared mailbox sends as itself: it may act for its level, and gets no copy of its own words.

anna writes "Word does not start." about "Word"
  level1 receives request
level1 replies "#resolve I reinstalled Word."
  ticket is confirming
  anna receives receipt, confirm
  level1 receives transcript
