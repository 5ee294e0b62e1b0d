# An agent whose mail has a question to an approver and other words learns that the requester got none of them.

anna writes "I need a licence for Visio." about "Visio"
alice replies "#approve-by supplier@vendor.example May she have one?\n\nWe are looking into it."
  supplier receives approval
  supplier reads "We are looking into it."
  anna receives receipt
  alice receives transcript
  alice reads "the request and your text were sent to supplier@vendor.example, with two answers to choose from; the request is quoted below it; the rest of your email was sent there too, and the requester got none of it"
ben writes "I need Excel." about "Excel"
alice replies "#approve-by supplier@vendor.example\n\nMay he have it?\n\nKind regards\nAlice" to request
  supplier receives approval
  alice receives nothing
zoe writes "I need Word." about "Word"
alice replies "#approve-by supplier@vendor.example May she have it?\n\nKind regards\nAlice" to request
  supplier receives approval
  alice receives nothing
