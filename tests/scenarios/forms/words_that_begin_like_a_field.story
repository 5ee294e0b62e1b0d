# Words of an agent that a reply would quote as the answer to a field come back, and no form is sent.
with access form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form access\n\nPlease tell us:\nWhy: in one sentence"
  anna receives receipt
  alice receives not_possible
  alice reads "a line of your text begins like “Why” in the form"
