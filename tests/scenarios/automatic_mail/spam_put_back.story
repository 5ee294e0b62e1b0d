# The operator puts back a mail that was wrongly marked as spam, and it opens a ticket.

anna writes "My invoice is wrong." about "Invoice" with the header "X-Spam-Flag: YES"
  the journal says ignored: "spam: X-Spam-Flag"
  there are 0 tickets
  anna receives nothing
the operator puts the mail back
  there is 1 ticket
  ticket has the requester "anna@example.org"
  anna receives receipt
  level1 receives request
