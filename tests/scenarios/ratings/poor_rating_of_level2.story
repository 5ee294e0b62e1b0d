# The level that solved the ticket and the manager get a poor rating with its words, and nobody gets them twice.

anna writes "Word does not start." about "Word"
alice replies "#escalate"
carol replies "#resolve I reinstalled Word."
anna replies "resolved"
  level2 receives escalation
  level1 receives request, taken_over, solution
anna opens the link 2 of final and adds "Why did it take a week?"
  level1 receives nothing
  level2 receives nothing
  carol receives poor_rating
  carol reads "Why did it take a week?"
  manager receives poor_rating
