# A saved reply with the name of one requester never goes to the requesters of linked tickets; one without fields does.
with [knowledge] replies = "replies"

the file replies/hello.md says "Hello {name}, it works again."
the file replies/outage.md says "Mail works again. {agent}"
anna writes "Mail is down." about "Mail"
ben writes "Mail does not work." about "Outlook"
alice replies "#link SUP-2\n\nWe look into it." of ticket 1
  anna receives receipt, answer
  ben receives receipt, answer
alice replies "#reply hello" of ticket 1
  anna receives nothing
  ben receives nothing
  alice reads "it contains fields of one requester ({name})"
alice replies "#reply outage" of ticket 1
  anna reads "Mail works again." in answer
  ben reads "Mail works again." in answer
