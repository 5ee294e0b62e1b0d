# A token with one changed letter proves nothing.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved" with a changed letter in the token
  ticket 1 is confirming
mallory replies "resolved" to anna's confirm
  ticket 1 is confirming
  anna receives receipt, confirm, clarify
  level1 receives request, copy, unclear, unclear
  level1 reads "isn’t part of the ticket"
