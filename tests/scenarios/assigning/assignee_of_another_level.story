# No agent keeps a ticket that goes to another level; the old level is told, unless whom it knew to have it moved it.
with network queue

anna writes "Word does not start." about "Word"
alice replies "#take"
alice replies "#escalate" to request
  ticket has the assignee ""
  level1 receives request, taken_over
anna writes "Excel does not start." about "Excel"
bob replies "Which version is it?"
4 business hours pass
  ticket is level2
  ticket has the assignee ""
  level1 receives request, copy, warning, taken_over
carol replies "I look into it."
  ticket has the assignee "carol@example.com"
carol replies "#handback It runs again." to escalation
  ticket has the assignee ""
bob replies "I have it again."
  ticket has the assignee "bob@example.com"
  level1 receives handed_back, copy
alice replies "#route network" to request
  ticket has the assignee ""
  level1 receives taken_over
# What is opened again stays with the agent who had it.
nils replies "#resolve It runs."
  ticket has the assignee "nils@example.com"
anna replies "not fixed" to confirm
  ticket has the assignee "nils@example.com"
