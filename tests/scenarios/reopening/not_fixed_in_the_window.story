# "Not fixed" within the reopening window returns a closed ticket to the level that resolved it.

anna writes "Word does not start." about "Word"
alice replies "#escalate"
carol replies "#resolve I reinstalled Word."
anna replies "resolved"
3 business days pass
  ticket is closed
10 days pass
  anna receives receipt, escalated, confirm, final
  level2 receives escalation
anna replies "It came back this morning, not fixed." to final
  ticket is level2
  anna receives reopened
  level2 receives nothing
  carol receives not_fixed
  there is 1 ticket
