# The tag of a form in the subject selects the form, as its address does.
with access form

anna writes "System: Mail" about "Re: FW: [access] for my colleague"
  ticket has the form "access"
  anna receives form
  level1 receives request
  ticket has the fields "{'system': 'Mail'}"
ben writes "How do I get access?" about "access"
  ticket has the form ""
  ben receives receipt
