# Beside thanks, or with words that decide nothing, a poor rating is one mail for each reader; what is attached comes along.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
anna opens the link 1 of final and adds "Thank you."
  level1 receives request, copy
  alice receives poor_rating
  manager receives poor_rating
