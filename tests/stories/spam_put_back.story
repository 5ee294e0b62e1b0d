# What was taken for spam and is none: put back by hand, it makes a ticket like any other.

anna writes "My invoice is wrong." about "Invoice" with the header "X-Spam-Flag: YES"
  the journal says ignored: "spam: X-Spam-Flag"
  there are 0 tickets
  anna receives nothing
the operator puts the mail back
  there is 1 ticket
  ticket has the requester "anna@example.org"
  anna receives receipt
  level1 receives request
