# On a desk that does not count failed solutions, every "not fixed" returns the ticket to Level 1.
with [confirmation] escalate_after_not_fixed = 0

anna writes "Word does not start." about "Word"
alice replies "#resolve Please restart your computer."
anna replies "not fixed"
  ticket is level1
alice replies "#resolve I reinstalled Word."
anna replies "not fixed"
  ticket is level1
alice replies "#resolve I removed the add-in."
anna replies "not fixed"
  ticket is level1
