# An agent proves a mail after the ticket was closed, and the mail is judged by the ticket as it is then.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word." without a token
bob replies "#close transferred Facilities" to request
  ticket is closed
alice replies "yes" to challenge
  ticket is closed
  alice receives challenge, not_possible
