# Where there is a digest, decisions after silence come at its time: those of the morning the same day, others the next.
with [digest] at = "10:30"

anna writes "Word does not start." about "Word"
ben writes "I cannot log in." about "Login"
1 business hour passes
alice replies "#resolve I reinstalled Word." to request of ticket 1
1 business hour passes
alice replies "#resolve I unlocked your account." to request of ticket 2
  level1 receives request, request, copy, copy
# On the seventh day the timers fire at ten and at eleven; the mail comes between them.
7 business days pass
  level1 receives decision
  level1 reads "SUP-1: Word"
1 business day passes
  level1 receives decision
  level1 reads "SUP-2: Login"
