# A form is not sent while the requester is asked whether it works, nor by a level that has not got the ticket.
with access form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#escalate"
alice replies "#form access"
  alice receives late_level
carol replies "#resolve It works again."
  anna receives receipt, escalated, confirm
carol replies "#form access"
  carol receives not_possible
  carol reads "the requester was asked whether it is solved"
  anna receives nothing
  ticket has the form ""
