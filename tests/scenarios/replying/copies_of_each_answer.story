# A desk that wants it copies each answer to the level, and each question to a third party with the person asked.
with [levels.level1] copy_answers = true

anna writes "Word does not start." about "Word"
alice replies "Which version is it?"
alice replies "#ask supplier@vendor.example\nIs the licence valid?" to request
  level1 receives request, copy, copy
  level1 sees the subject "Re: Word [SUP-1]"
  level1 reads "Sent by Alice to supplier@vendor.example:"
  level1 reads not "anna@example.org"
alice replies "Please restart it." to request
  level1 receives copy
  level1 reads "Sent by Alice to Anna Martin"
