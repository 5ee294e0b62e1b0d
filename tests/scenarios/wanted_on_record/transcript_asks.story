# Where no copy of the solution is sent, its author is asked for what the record lacks.
with [confirmation] wants = ["type", "cause"]
with [levels.level1] copy_answers = false

anna writes "Word does not start." about "Word"
alice replies "#resolve Reinstalled."
  alice receives transcript
  alice reads "#type incident #type service request #type question #cause TEXT"
alice replies "#type service request" to transcript
  ticket has the type "service"
  alice receives nothing
