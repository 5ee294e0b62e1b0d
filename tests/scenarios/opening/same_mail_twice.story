# The same mail arrives twice, and the second copy does nothing.

anna writes "Word does not start." about "Word"
  anna receives receipt
the same mail comes again
  the journal says duplicate
  there is 1 ticket
  anna receives nothing
