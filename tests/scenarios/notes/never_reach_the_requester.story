# Notes never reach the requester, wherever they stand in a mail, and the next level reads them.

anna writes "Word does not start." about "Word"
alice replies "#note She has called three times today.\nHave you tried to restart?"
  anna receives receipt, answer
  anna reads "Have you tried to restart?"
alice replies "#note\nThe licence server is down again, as every Monday."
  anna receives nothing
alice replies "I will look into it.\n\n#note Must ask Carol."
  anna receives answer
alice replies "#escalate"
  level2 receives escalation
  level2 reads "She has called three times today."
  level2 reads "The licence server is down again"
carol replies "#resolve Restarted the licence server."
anna replies "resolved"
  anna receives escalated, confirm, final
  anna never reads "three times"
  anna never reads "licence server is down"
  anna never reads "Carol"
