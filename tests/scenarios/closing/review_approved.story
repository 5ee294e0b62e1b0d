# The manager reviews the closing of an incident, is reminded, and approves it.
with [confirmation] review = ["incident"]

anna writes "Word does not start." about "Word"
alice replies "#type incident"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
3 business days pass
  ticket is finalizing
  manager receives review
  manager reads "I reinstalled Word."
  the timers are review
2 business days pass
  manager receives review
manager replies "#approve"
  ticket is closed
  the timers are none
  anna receives receipt, confirm, final
