# An unknown name of a form comes back with the names there are, and nothing of the mail is sent.
with access form
with network queue
with badge form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form acces\n\nPlease fill this in."
  anna receives receipt
  alice receives not_possible
  alice reads "there is no form acces; there are access, badge."
  alice reads "#form access #form badge"
  ticket has the form ""
alice replies "#form"
  alice receives mistyped
  alice reads "something is missing. Write “#form NAME”."
alice replies "#form access please"
  alice receives mistyped
