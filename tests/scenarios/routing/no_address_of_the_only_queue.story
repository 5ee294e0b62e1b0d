# A request that names no address of a desk with one queue is noted in the history only.

anna writes "Word does not start." about "Word" to it@example.org into the mailbox
  the history says "it names no address of the desk: to it@example.org"
  level1 receives request
  level1 reads not "addressed to the desk"
