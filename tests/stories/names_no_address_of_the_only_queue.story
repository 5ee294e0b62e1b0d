# Where there is only one queue, that a mail names no address is worth a line in the history alone.

anna writes "Word does not start." about "Word" to it@example.org into the mailbox
  the history says "it names no address of the desk: to it@example.org"
  level1 receives request
  level1 reads not "names no address"
