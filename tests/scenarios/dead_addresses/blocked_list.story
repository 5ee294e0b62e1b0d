# #blocked lists both kinds, and #unblock ends both.

with [trust] authserv_id = ["mx.example.com"]

mallory writes "Buy now." about "Offer"
alice replies "#spam"
anna writes "Word does not start." about "Word"
alice replies "Please restart."
anna's answer bounces
  level1 receives request, request, copy, failed
alice writes "#blocked" about "Who?" and the pinned server says pass
  alice receives reply
  alice reads "mallory@evil.example"
  alice reads "anna@example.org"
alice writes "#unblock mallory@evil.example" about "Good" and the pinned server says pass
  alice receives reply
  alice reads "is no longer blocked. We read emails from there and write to it again. Emails that we didn’t send in the meantime aren’t sent later."
mallory writes "It is me, really." about "Really"
  mallory receives receipt, receipt
alice writes "#unblock nobody@example.net" about "Bad" and the pinned server says pass
  alice reads "isn’t blocked, and it isn’t cut off from email"
alice writes "#unblock" about "Whom" and the pinned server says pass
  alice reads "Which address"
