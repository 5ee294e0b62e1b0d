# A defect keeps the desk from reading a mail: a ticket is opened of what could be read, and later has the mail whole.

anna writes "Word does not start since Monday." about "Word", which the desk fails to read
  anna receives receipt
  level1 receives request
  level1 reads "We couldn’t read all of this email"
  level1 reads "Word does not start since Monday."
  operator receives alarm
  operator reads "Ticket SUP-1 was opened from its readable part"
  the journal says parked
alice replies "#resolve\n\nPlease restart it."
  anna receives confirm
  level1 receives copy
anna replies "It does not start." to confirm
  anna receives reopened
  alice receives not_fixed
the operator puts the mail of ticket 1 back
  there is 1 ticket
  ticket is level1
  alice receives message
  alice reads "This isn’t a new message"
  anna receives nothing
  the history says "mail read whole: mail 1 could not be read whole before"
  level1 receives nothing
