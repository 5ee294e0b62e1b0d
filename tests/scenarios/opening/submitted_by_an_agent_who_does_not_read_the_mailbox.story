# An agent who does not read the mailbox of Level 1 is answered when they open a ticket; others read the request.
with [trust] authserv_id = ["mx.example.com"]

carol writes "#requester anna@example.org\n\nWord does not start." about "Word" and the pinned server says pass
  level1 receives request
  carol receives reply
  carol reads "We’ve opened SUP-1 for anna@example.org: Word"
alice writes "#requester anna@example.org\n#resolve I restarted it.\n\nExcel did not start." about "Excel" and the pinned server says pass
  anna receives receipt, receipt, confirm
  level1 receives request, copy
  level1 reads "The ticket is now with Alice."
  alice receives nothing
bob writes "#away until Friday" about "Away" and the pinned server says pass
  bob receives reply
alice writes "#requester anna@example.org\n#assign bob@example.com\n\nOutlook does not start." about "Outlook" and the pinned server says pass
  level1 receives request, assigned
  alice receives transcript
  alice reads "#assign"
