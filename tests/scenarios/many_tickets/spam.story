# Spam of several senders is closed in one line, nobody outside hears of it, and no text goes along.
with [trust] authserv_id = ["mx.example.com"]

mallory writes "Buy now." about "Offer"
zoe writes "Win a car." about "Car"
alice writes "#close spam SUP-1 SUP-2\n\nNo, thanks." about "Work" and the pinned server says pass
  ticket 1 is closed
  ticket 2 is closed
  mallory receives receipt
  zoe receives receipt
  alice receives reply
  alice reads "#close spam"
  alice reads "Zoé is refused from now on"
  alice reads "We didn’t send your text to anyone"
mallory writes "Buy now!" about "Offer"
  the journal says ignored: "is blocked as spam"
