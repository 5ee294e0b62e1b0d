# An agent writes #undo with other commands, and they act on the ticket as it was before the step.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#spam"
  ticket is closed
alice replies "#undo\n#type incident\n\nDear Anna, please restart." to request
  ticket is level1
  ticket has the type "incident"
  anna receives answer
  anna reads "Dear Anna, please restart."
  alice receives transcript
alice replies "#undo\n\nForget it." to request
  alice receives not_possible
  alice reads "Forget it."
  anna receives nothing
