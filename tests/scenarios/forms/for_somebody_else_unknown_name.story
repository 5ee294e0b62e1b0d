# A request that an agent writes down with an unknown form is opened as a plain one, and the order comes back.
with access form
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester ben@example.org\n#form acces\n\nBen called." about "Accounts" and the pinned server says pass
  ben receives receipt
  alice receives not_possible
  alice reads "there is no form acces; there are access"
