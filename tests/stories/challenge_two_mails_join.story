# More mails in the same name join the question that is open, and send no other. A yes counts for what the question
# showed: what came later is asked about next, for somebody may have used that it was open.

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
  alice receives challenge, transcript
  alice reads "2 mails in your name" in challenge
  alice reads "#close spam" in challenge
alice replies "no" to challenge
  ticket is level1
  ticket has the assignee ""
  level1 receives request, request, held, held
