# A reply arrives by an alias: only the delivery header has the signed address, and it finds its ticket.

anna writes "Word does not start." about "Word"
  anna receives receipt
anna replies "It is Word 2024." by an alias into the mailbox
  there is 1 ticket
  level1 receives request, message
  the history says "signed address"
