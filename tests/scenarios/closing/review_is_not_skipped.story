# A second yes of the requester does not replace the manager's review.
with [confirmation] review = ["incident"]

anna writes "Word does not start." about "Word"
alice replies "#type incident"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
anna replies "Yes, everything works."
  manager receives review
anna replies "resolved"
  ticket is finalizing
  manager receives nothing
  the timers are review
