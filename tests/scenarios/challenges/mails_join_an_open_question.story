# More mails in the same agent's name join the open question, and a yes counts only for the mails it showed.
# Mails that came after the question was sent are asked about next: an attacker may have used that it was open.

anna writes "Word does not start." about "Word"
zoe writes "Excel does not start." about "Excel"
alice replies "#note she is in a hurry\n#priority high" without a token
  alice receives challenge
  alice reads "#priority high"
alice replies "#close spam" without a token
alice replies "#take" without a token
  alice receives nothing
alice replies "yes" to challenge
  ticket has the priority "high"
  ticket is level1
  alice receives challenge
  alice reads "We received 2 emails from your address" in challenge
  alice reads "#close spam" in challenge
alice replies "no" to challenge
  ticket is level1
  ticket has the assignee ""
  level1 receives request, request, held, held
