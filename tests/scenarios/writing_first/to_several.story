# An agent writes to two people: the first one has the ticket, the other gets the answers as well.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#to anna@example.org, ben@example.org\n#assign bob\n\nHere is the plan." about "The move" and the pinned server says pass
  ticket has the requester "anna@example.org"
  ticket has the assignee "bob@example.com"
  the participants are anna, ben
  bob receives assigned
  anna receives question
  ben receives question
  anna reads "Here is the plan."
ben replies "On Monday, please."
  bob receives message
