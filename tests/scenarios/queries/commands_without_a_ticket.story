# Commands that need a ticket are answered when the mail belongs to none, and nothing is done.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#resolve Restarted.\n\nPlease tell her." about "Word" and the pinned server says pass
  there are 0 tickets
  alice receives reply
  alice reads "Nothing was done or sent: “#resolve Restarted.” needs a ticket, and your email belongs to none."
  alice reads "> Please tell her."
alice writes "#requester\n\nShe phoned." about "Word" and the pinned server says pass
  there are 0 tickets
  alice reads "who is it for? No ticket was opened. Write their address after it"
alice writes "#requester support@example.com\n\nLoop." about "Word" and the pinned server says pass
  there are 0 tickets
  alice reads "support@example.com is an address of the desk"
alice writes "#reqester anna@example.org\n\nShe phoned." about "Word" and the pinned server says pass
  there are 0 tickets
  alice reads "“#reqester anna@example.org”"
  alice reads "> She phoned."
alice writes "#list\n\nAnd my own mouse is broken." about "Word" and the pinned server says pass
  there are 0 tickets
  alice reads "We didn’t use the rest of your email"
  alice reads "> And my own mouse is broken."
