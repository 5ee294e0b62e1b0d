# A desk that does not count failed solutions: "not fixed" goes back to Level 1 as often as it takes.
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
