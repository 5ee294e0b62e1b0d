# A form is not sent in the mail that begins a conversation, and the mail comes back with the reason.
with access form
with [trust] authserv_id = ["mx.example.com"]

alice writes "#to anna@example.org\n#form access\n\nYour PC is old." about "PC" and the pinned server says pass
  anna receives nothing
  alice receives reply
  alice reads "it can’t be used together with #to"
