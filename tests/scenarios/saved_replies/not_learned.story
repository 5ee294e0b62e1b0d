# A solution that repeats a saved reply is not kept for others, since it has a name; own words beside one are.
with [knowledge] replies = "replies"

the file replies/password-reset.md says "Hello {name},\n\nyour password is reset on the page of {desk} ({reference}). Have a good day, {agent}"
anna writes "I forgot my password for the payroll." about "Payroll"
alice replies "#reply password-reset\n#resolve"
anna replies "Yes, it is resolved."
3 business days pass
  ticket 1 is closed
ben writes "I forgot my password for the payroll." about "Payroll"
  level1 reads not "Suggested solutions" in request
alice replies "#reply password-reset\n#resolve\n\nThe payroll asks for the token of the fob: press its blue button twice, then type the six digits." of ticket 2
ben replies "Yes, it is resolved."
3 business days pass
  ticket 2 is closed
zoe writes "I forgot my password for the payroll." about "Payroll"
  level1 reads "Suggested solutions" in request
