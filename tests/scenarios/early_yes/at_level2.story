# At Level 2 the statement that it works counts as well, and both levels are told.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "#escalate the account is locked"
carol replies "I have unlocked your account. Please log in once more."
anna replies "It is working again, thank you." to answer
  ticket is finalizing
  level2 receives escalation
  carol receives early_yes
  level1 receives request, taken_over, early_yes
anna replies "not fixed" to final
  ticket is level2
