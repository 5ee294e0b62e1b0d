# Who takes or assigns the ticket of a phone call is named in its request, and further answers and escalation stay with the agent.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester anna@example.org by phone\n#take\n#tag word urgent\n#note she called twice\n\nWord does not start." about "Word" and the pinned server says pass
  level1 receives request
  level1 reads "- Assigned to: Alice"
  level1 reads "- Tags: urgent, word"
  alice receives nothing
alice replies "Please restart it." to request
  anna receives receipt, answer
  level1 receives nothing
alice replies "#escalate no access" to request
  level2 receives escalation
  level1 receives nothing
alice writes "#requester ben@example.org by phone\n#assign bob\n\nExcel does not start." about "Excel" and the pinned server says pass
  level1 receives request
  level1 reads "- Assigned to: bob@example.com"
bob replies "Please restart it." to assigned
  ben receives receipt, answer
  level1 receives nothing
alice writes "#requester zoe@example.net\n#take\n#cc bob@example.com\n\nPaint does not start." about "Paint" and the pinned server says pass
  level1 receives request
  level1 reads not "Assigned to"
  ticket 3 has the assignee ""
alice writes "#requester zoe@example.net\n#take\n#escalate\n\nMail does not start." about "Mail" and the pinned server says pass
  level1 reads not "Assigned to" in request
