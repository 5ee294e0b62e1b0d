# An agent sends a mail in which no word of theirs is found: it comes back with what was cut, and nothing happens.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies ""
  alice receives nothing_read
  alice reads ">>> Word does not start."
  alice reads "send it again as a reply to this email"
  anna receives nothing
  ticket is level1
alice replies "-- \nAlice Martin"
  alice receives nothing_read
  alice reads "> Alice Martin"
alice replies "Kind regards,\nAlice"
  alice receives nothing_read
alice replies with an encrypted mail
  alice receives nothing_read
  alice reads "We can’t read your encrypted email"
  anna receives nothing
alice is away and answers automatically ""
  alice receives nothing
  level1 receives request, returned_automatic
alice replies "Please start it again." to nothing_read
  anna receives answer
