# A mail that takes a ticket and tells its requester more is one mail to them: the answer, the question, the news or the receipt.
with [notices] tell_taken = true
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
alice replies "#take\n\nHello Anna, we look into it." to request
  anna receives receipt, answer
ben writes "Excel does not start." about "Excel"
alice replies "#take\n#waiting\n\nWhich version is it?" to request
  ben receives receipt, question
zoe writes "Paint does not start." about "Paint"
alice replies "#take\n#escalate" to request
  zoe receives receipt, escalated
  ticket 3 is level2
carol replies "#take" to escalation
  zoe receives nothing
alice writes "#requester zoe@example.net by phone\n#take\n\nThe mail is slow." about "Mail" and the pinned server says pass
  ticket 4 has the assignee "alice@example.com"
  zoe receives receipt
anna writes "The printer is dead." about "Printer"
alice replies "#take\n#note ours\n#tag printer" to request
  anna receives receipt, taken
  anna reads "Someone on our team has taken your request SUP-5 (“Printer”) and will look after it."
  anna never reads "ours"
