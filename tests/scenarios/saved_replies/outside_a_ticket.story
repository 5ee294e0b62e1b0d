# A saved reply in a mail that answers no ticket, or opens one, is sent to nobody, and its author learns where it belongs.
with [knowledge] replies = "replies"
with [trust] authserv_id = ["mx.example.com"]

the file replies/visit.md says "We come soon."
alice writes "#reply visit" about "Visit" and the pinned server says pass
  there are 0 tickets
  alice reads "“#reply visit” needs a ticket"
alice writes "#to anna@example.org\n#reply visit\n\nHello." about "Visit" and the pinned server says pass
  there are 0 tickets
  alice reads "it can’t be used together with #to"
alice writes "#requester anna@example.org\n#reply visit\n\nShe phoned." about "Visit" and the pinned server says pass
  there are 1 tickets
  anna never reads "We come soon."
  alice reads "#reply visit"
