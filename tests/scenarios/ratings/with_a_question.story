# A rating with a question is recorded, and the whole mail goes to Level 1.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  level1 receives request, copy
anna opens the link 2 of final and adds "Why did it take a week?"
  ticket is finalizing
  ticket has the rating "2"
  ticket has the rating words "Why did it take a week?"
  level1 receives unclear
  level1 reads "Rating: 2 of 5"
  level1 reads "Why did it take a week?"
