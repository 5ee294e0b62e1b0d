# A level's shared mailbox resolves a ticket, and gets no copy of its own mail.

anna writes "Word does not start." about "Word"
  level1 receives request
level1 replies "#resolve I reinstalled Word."
  ticket is confirming
  anna receives receipt, confirm
  level1 receives nothing
