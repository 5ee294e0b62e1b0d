# Commands that need a ticket are answered when the mail belongs to none, and nothing is done.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#resolve Restarted.\n\nPlease tell her." about "Word" and the pinned server says pass
  there are 0 tickets
  alice receives reply
  alice reads "“#resolve Restarted.” needs a ticket, and your mail belongs to none, so nothing was done or sent."
  alice reads "> Please tell her."
alice writes "#requester\n\nShe phoned." about "Word" and the pinned server says pass
  there are 0 tickets
  alice reads "for whom? Write the address after it"
alice writes "#requester support@example.com\n\nLoop." about "Word" and the pinned server says pass
  there are 0 tickets
  alice reads "support@example.com is an address of the desk itself"
alice writes "#reqester anna@example.org\n\nShe phoned." about "Word" and the pinned server says pass
  there are 0 tickets
  alice reads "“#reqester anna@example.org”"
  alice reads "> She phoned."
alice writes "#list\n\nAnd my own mouse is broken." about "Word" and the pinned server says pass
  there are 0 tickets
  alice reads "The rest of your mail was not used"
  alice reads "> And my own mouse is broken."
