# A rating in answer to the confirmation question is recorded, and the question stays open.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "5/5" to confirm
  ticket is confirming
  ticket has the rating "5"
  level1 receives request, copy, unclear
  anna receives receipt, confirm, clarify
anna replies "4 stars. It works again!" to confirm
  ticket is finalizing
  ticket has the rating "4"
