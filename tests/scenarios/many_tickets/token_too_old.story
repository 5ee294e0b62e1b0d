# The token of a digest proves for thirty days; after that the agent is asked whether it was them.
with [digest] at = "08:00"
with [levels.level1] resolve_within = "60 business days"

anna writes "Word does not start." about "Word"
24 hours pass
744 hours pass
alice replies "#take SUP-1" to digest
  ticket 1 has the assignee ""
