# A mail that comes a second time, by another way, is known and does nothing.

anna writes "Word does not start." about "Word"
  anna receives receipt
the same mail comes again
  the journal says duplicate
  there is 1 ticket
  anna receives nothing
