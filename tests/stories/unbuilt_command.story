# A word that the desk does not know yet is answered, and nothing of the mail leaves.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#undo\nPlease forget what I wrote."
  alice receives not_yet
  alice reads "undo"
  anna receives nothing
