# A rating alone reopens nothing, neither a low one of the requester nor one of a participant.

zoe writes "Bonjour, le projecteur reste noir." about "Projecteur" with copy to ben
alice replies "#resolve La lampe a été remplacée."
zoe replies "résolu"
  level1 receives request, copy
ben replies "Ma note : 1 sur 5" to final
  ticket is finalizing
  ticket has the rating "None"
  level1 receives unclear
zoe replies "Ma note : 1 sur 5" to final
  ticket is finalizing
  ticket has the rating "1"
  level1 receives nothing
  alice receives poor_rating
