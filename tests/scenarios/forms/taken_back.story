# A form that has gone out is not taken back, and the desk says to whom it went.
with access form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form access"
alice replies "#undo"
  alice receives not_possible
  alice reads "an email about it has already been sent to anna@example.org"
  ticket has the form "access"
