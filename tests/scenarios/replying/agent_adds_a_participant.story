# An agent adds a participant with #cc, and the next answer goes to both people in separate mails.

anna writes "Word does not start." about "Word"
alice replies "#cc Ben <ben@example.org>\n\nIt is being reinstalled tonight."
  anna receives receipt, answer
  ben receives answer
  ben reads "It is being reinstalled tonight."
alice replies "#cc carol@example.com" to copy
  alice receives not_possible
  alice reads "carol@example.com is an internal address and can’t be a requester"
alice replies "#cc support+x@example.com" to copy
  alice receives not_possible
alice replies "#ask support@example.com\nIs it known?" to copy
  alice receives not_possible
  alice reads "support@example.com is an address of the desk"
  the participants are anna, ben
