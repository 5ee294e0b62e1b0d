# Decisions after silence come in one mail a day, when the desk opens, with a line for each ticket and one for all.

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
  level1 sees the subject "Please decide: 3 requesters haven’t answered"
  level1 reads "SUP-1 Word · Anna Martin"
  level1 reads "We asked on Monday 23 November at 10:00 (Paris time) whether this solution works: > I reinstalled Word."
  level1 reads "Anna Martin thanked us on Monday 23 November at 11:00 (Paris time), but hasn’t said whether it works. - Assigned to: Alice #close SUP-1 no answer"
  level1 reads "> Which printer is it? - Assigned to: Alice #close SUP-3 no answer #take SUP-3"
  level1 reads "To close all of them: #close SUP-1 SUP-2 SUP-3 no answer"
  level1's answers go to "support+DESK-"
  ticket 1 is confirming
  the timers are waiting decision
# What is answered by then is not asked again; of one ticket the notice itself comes.
ben replies "resolved" to confirm
zoe replies "The one in the hall." to question
  alice receives message
2 business days pass
  level1 receives warning, taken_over, decision
  level1 reads "This is question 2"
