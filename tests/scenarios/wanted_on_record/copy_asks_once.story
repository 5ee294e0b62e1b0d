# A queue wants type and cause on record: the copy of the first solution asks for them with ready lines, and not again.
with [levels.level1] copy_answers = true
with [confirmation] wants = ["type", "cause"]
with [confirmation] causes = ["user error", "hardware", "hard disk full"]

anna writes "Word does not start." about "Word"
alice replies "#type incident\n#resolve Reinstalled."
  level1 receives request, copy
  level1 reads "To complete the record of this ticket, reply with one of these lines: #cause user error #cause hardware #cause hard disk full" in copy
  level1 reads not "#type" in copy
  level1 reads not "You don’t need to do anything" in copy
  anna never reads "hardware"
alice replies "#cause hardw" to copy
  ticket has the cause "hardware"
anna replies "No, it does not work." to confirm
alice replies "#resolve Reinstalled again." to not_fixed
  level1 reads "You don’t need to do anything" in copy
