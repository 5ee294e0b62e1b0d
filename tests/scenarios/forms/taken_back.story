# A form that has not left yet is taken back with the ticket as it was, and one that has left stays.
with access form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form access"
alice replies "#undo"
  alice receives not_possible
  ticket has the form "access"
