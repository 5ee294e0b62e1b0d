# The text of a solution does not go to the requester of a ticket that the same mail closes.
with [trust] authserv_id = ["mx.example.com"]

anna writes "No mail since nine." about "Mail"
ben writes "My mail is slow." about "Slow"
alice writes "#close SUP-2 no answer\n#resolve SUP-1\n\nYour mailbox was full." about "Work" and the pinned server says pass
  ticket 1 is confirming
  ticket 2 is finalizing
  anna reads "Your mailbox was full."
  ben never reads "mailbox"
  alice receives reply
