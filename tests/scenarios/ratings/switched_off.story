# With ratings switched off nobody is asked, and a rating that arrives is recorded.
with [satisfaction] ask = false

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  anna reads not "satisfied" in final
  level1 receives request, copy
anna replies "5 stars!" to final
  ticket is finalizing
  ticket has the rating "5"
  level1 receives nothing
anna replies "5" to final
  level1 receives unclear
