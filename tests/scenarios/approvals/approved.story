# A manager outside is asked to approve: the clock stands until one of two words comes, and the level gets the decision.
with [agents] transcripts = "always"
with [waiting] pause_for_third_parties = true

anna writes "I need a licence for Visio." about "Visio"
alice replies "#approve-by supplier@vendor.example May she have one? It costs 300 euros."
  supplier receives approval
  anna receives receipt
  alice receives transcript
  alice reads "the request and your text were sent to supplier@vendor.example, with two answers to choose from; the deadline is paused until they answer"
  supplier reads "I need a licence for Visio."
  supplier reads "It costs 300 euros."
  the timers are answer warning, approval, third party
supplier replies "What is it for?" to approval
  level1 receives request, third_party
  level1 reads "This decides nothing, because it’s neither a clear"
supplier replies "approved" to approval
  level1 receives third_party
  level1 reads "The request is approved. The approval is recorded."
  ticket is level1
  the history says "approved, signed address SUP-1."
supplier replies "rejected" to approval
  level1 reads "Their first decision counts"
  anna never reads "300 euros"
  anna never reads "approved"
