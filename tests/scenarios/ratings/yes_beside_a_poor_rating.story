# Beside a rating of 1 or 2 there is no yes: Level 1 is asked, with the lines that decide.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "It works again. Rating: 1 of 5" to confirm
  ticket is confirming
  ticket has the rating "1"
  level1 receives request, copy, unclear
  level1 reads "the help 1 of 5. With such a rating, a yes doesn’t count"
  level1 reads "#close"
  level1 reads "#reopen"
  manager receives nothing
anna replies "2/5. Yes." to confirm
  ticket is confirming
anna replies "3/5. It works again." to confirm
  ticket is finalizing
