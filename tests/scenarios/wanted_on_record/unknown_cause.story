# A cause that is none of the queue's comes back with the list, and one that may be two with both.
with [confirmation] causes = ["user error", "hardware", "hard disk full"]

anna writes "Word does not start." about "Word"
alice replies "#cause moon\n#resolve Reinstalled."
  alice receives not_possible
  alice reads "moon isn’t one of the causes here; there are user error, hardware, hard disk full"
  alice reads "#cause user error #cause hardware #cause hard disk full"
  ticket is level1
alice replies "#cause HARD"
  alice receives not_possible
  alice reads "write the one you mean"
  alice reads "#cause hardware #cause hard disk full"
alice replies "#cause Hard Disk"
  ticket has the cause "hard disk full"
