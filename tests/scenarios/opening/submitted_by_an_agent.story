# An agent opens a ticket for a requester who phoned, classifies it, and the requester gets the receipt.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester Anna Martin <anna@example.org>\n#type incident\n#priority high\n#note she is in a hurry\n#time 5m\n#take\n\nWord does not start on her laptop." about "Word" and the pinned server says pass
  ticket has the requester "anna@example.org"
  ticket has the requester name "Anna Martin"
  ticket has the submitter "alice@example.com"
  ticket has the type "incident"
  ticket has the priority "high"
  ticket has the minutes spent "5"
  ticket has the assignee "alice@example.com"
  the participants are anna
  the history says "request: #requester Anna Martin <anna@example.org>"
  the history says "(alice@example.com)"
  anna receives receipt
  anna reads "We’ve written down the request that you made to us. - Your reference: SUP-1"
  anna never reads "Word"
  anna never reads "alice"
  level1 receives request
  level1 reads "Logged by alice@example.com on behalf of the requester."
  level1 reads "Priority: high, incident"
  level1 reads "> Word does not start on her laptop."
  level1 reads not "in a hurry"
  alice receives nothing
alice replies "Please restart it." to request
  anna receives answer
anna replies "It still does not start."
  level1 receives nothing
  alice receives message
