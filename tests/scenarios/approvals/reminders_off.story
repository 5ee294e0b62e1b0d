# Where no reminder is wanted, an approver gets none.
with [waiting] remind_after = []

anna writes "I need a licence for Visio." about "Visio"
alice replies "#approve-by supplier@vendor.example May she have one?"
9 business days pass
  supplier receives approval
