# Where each answer is copied, the copy of a question to an approver names them, and never the requester as its reader.
with [levels.level1] copy_answers = true

anna writes "I need a licence for Visio." about "Visio"
alice replies "#approve-by supplier@vendor.example May she have one?"
  level1 receives request, copy
  level1 reads "to supplier@vendor.example" in copy
  level1 reads not "to Anna Martin" in copy
