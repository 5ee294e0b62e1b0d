# One command of a mail cannot be done: none of its commands is done, and its notes are kept.
with [limits] participants = 3

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#cc a@example.org b@example.org\n#cc c@example.org\n#note she is in a hurry\n\nWe look into it."
  alice receives not_possible
  alice reads "at most 3 people can be in Cc of a ticket"
  alice reads "Carried out anyway"
  the participants are anna
  the history says "note"
  anna receives nothing
alice replies "#merge SUP-1 yes"
  alice receives not_possible
