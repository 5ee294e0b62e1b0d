# A second yes of the requester is no approval: the review that was asked for stays to be answered.
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
