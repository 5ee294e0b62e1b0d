# An agent writes to a customer first: the words go out in the desk's name, and the ticket waits for the answer.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#to Anna Martin <anna@example.org>\n#type service\n#note she is in a hurry\n\nYour PC is seven years old. When may we replace it?" about "Your PC" and the pinned server says pass
  ticket is level1
  ticket has the requester "anna@example.org"
  ticket has the requester name "Anna Martin"
  ticket has the submitter "alice@example.com"
  ticket has the assignee "alice@example.com"
  ticket has the type "service"
  the participants are anna
  the timers are waiting reminder, waiting decision
  the history says "request: #to Anna Martin <anna@example.org>"
  anna receives question
  anna reads "When may we replace it?"
  anna reads "To answer, just reply to this email."
  anna never reads "on hold"
  anna never reads "in a hurry"
  anna never reads "alice"
  level1 receives copy
  alice receives reply
  alice reads "We’ve opened SUP-1: Your PC Your email went to anna@example.org. The ticket waits for the answer."
  alice reads "- #type: the type is now service request"
anna replies "yes" to question
  ticket is level1
  alice receives message
