# A reply that an alias brought: To shows another name, and only the delivery header has the signed address.

anna writes "Word does not start." about "Word"
  anna receives receipt
anna replies "It is Word 2024." by an alias into the mailbox
  there is 1 ticket
  level1 receives request, message
  the history says "signed address"
