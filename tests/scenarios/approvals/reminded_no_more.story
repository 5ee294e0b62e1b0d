# Of two approvers who were asked only the one who has not answered is reminded, and nobody after the closing.
with [levels.level1] resolve_within = "9 business days"

anna writes "I need a licence for Visio." about "Visio"
alice replies "#approve-by supplier@vendor.example May she have one?" to request
alice replies "#approve-by ben@example.org May she have one?" to request
supplier replies "rejected" to approval
  supplier receives approval
1 business day passes
2 business days pass
  ben receives approval, approval_reminder
  supplier receives nothing
alice replies "#approve-by supplier@vendor.example Once more: may she?" to request
alice replies "#close no answer" to request
9 business days pass
  supplier receives approval
  ben receives nothing
