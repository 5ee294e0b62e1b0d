# Two agents put on record which tools they used, and the next level reads it among what was tried; the requester never does.
with [agents] transcripts = "always"

anna writes "Word does not start." about "Word"
alice replies "#used repair-office.ps1 -Quick\n#used the event viewer"
  alice receives transcript
  alice reads "recorded as used: repair-office.ps1 -Quick"
alice replies "#tag office\n#escalate no rights"
  level2 receives escalation
  level2 reads "recorded a tool: repair-office.ps1 -Quick" 
  level2 reads "recorded a tool: the event viewer"
  level2 reads "Tags: office"
  anna never reads "repair-office"
