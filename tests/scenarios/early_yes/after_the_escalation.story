# The answer of Level 1 helped while the ticket went on to Level 2: no level works on, and Level 2 is told.

anna writes "I cannot log in to the portal." about "Portal"
alice replies "I have unlocked your account. Please log in once more."
4 business hours pass
  ticket is level2
anna replies "Thanks, I am in again." to answer
  ticket is finalizing
  anna reads "I have unlocked your account." in final
  level2 receives escalation, early_yes
carol replies "#reopen she was in another system" to early_yes
  ticket is level2
