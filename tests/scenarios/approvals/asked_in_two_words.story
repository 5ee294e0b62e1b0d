# "#approve by ADDRESS" asks that person for an approval like #approve-by, in other languages as well.
with [levels.level1] resolve_within = "9 business days"

anna writes "I need a licence for Visio." about "Visio"
alice replies "#approve by supplier@vendor.example May she have one?"
  supplier receives approval
alice replies "#genehmigen durch ben@example.org May she have one?" to request
  ben receives approval
  anna never reads "May she"
