# An approver who does not answer is reminded once, also after an escalation, and either of the two mails takes the answer.
with [agents] transcripts = "always"

anna writes "I need a licence for Visio." about "Visio"
alice replies "#approve-by supplier@vendor.example Darf sie eine haben? Sie kostet 300 Euro."
  supplier receives approval
4 business hours pass
  ticket is level2
  the timers are approval, escalation, warning
2 business days pass
  supplier receives approval_reminder
  supplier reads "300 Euro."
  supplier reads "I need a licence for Visio."
  the history says "timer approval"
5 business days pass
  supplier receives nothing
supplier replies "approved" to approval_reminder
  level2 receives escalation, warning, third_party
  level2 reads "The request is approved. The approval is recorded."
supplier replies "rejected" to approval
  level2 reads "Their first decision counts"
