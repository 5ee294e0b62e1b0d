# Beside a question to a third party the form goes without words, which go to that person alone.
with access form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form access\n#ask supplier@vendor.example\n\nIs the licence paid?"
  anna receives receipt, details
  anna reads not "licence"
  supplier receives ask
