# On a desk without forms the order to send one comes back and says so.

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form access"
  anna receives receipt
  alice receives not_possible
  alice reads "this desk has no forms"
