# The lines of the gathered decisions work in a reply of any agent of the level, which needs no further proof.

anna writes "Word does not start." about "Word"
ben writes "I cannot log in." about "Login"
zoe writes "The printer is out of paper." about "Printer"
1 business hour passes
alice replies "#resolve I reinstalled Word." to request of ticket 1
alice replies "#resolve I unlocked your account." to request of ticket 2
alice replies "#waiting\n\nWhich printer is it?" to request of ticket 3
  level1 receives request, request, request, copy, copy, copy
1 business hour passes
anna replies "Thank you!" to confirm
  level1 receives nothing
6 business days pass
  level1 receives nothing
1 business day passes
# The timers fired an hour ago, and what they ask is kept until the desk opens next.
  level1 receives nothing
1 business day passes
  level1 receives decisions
carol replies "#close SUP-1 no answer" to level1's decisions
  ticket 1 is confirming
alice replies "#close SUP-1 SUP-2 SUP-3 no answer" to level1's decisions
  ticket 1 is finalizing
  ticket 2 is finalizing
  ticket 3 is finalizing
  alice receives reply
