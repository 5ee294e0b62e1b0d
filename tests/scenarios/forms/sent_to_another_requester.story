# A form that is sent once the requester has changed shows nothing of what the former one wrote.
with access form

ben writes "Please give me access, too.\nWhy: because my boss is ill" about "Access"
alice replies "#requester zoe@example.net"
alice replies "#form access"
  zoe receives receipt, details
  zoe reads "Why:"
  zoe reads not "boss"
  ticket has the fields "{}"
