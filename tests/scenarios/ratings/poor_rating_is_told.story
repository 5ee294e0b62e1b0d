# After the final notice a rating of 1 or 2 is told to the level and to the manager, with its words.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  level1 receives request, copy
anna opens the link 1 of final and adds "Terrible service, I waited three days and had to call twice."
  ticket is finalizing
  manager receives poor_rating
  manager reads "I waited three days"
  manager reads "1 of 5"
  level1 receives unclear
  level1 reads "the help 1 of 5"
anna replies "1/5. It works again, no thanks to you." to final
  ticket is finalizing
  level1 receives unclear
  manager receives poor_rating
3 business days pass
  level1 receives closed
anna opens the link 1 of final
  ticket is closed
  level1 receives nothing
  alice receives poor_rating
  manager receives poor_rating
anna opens the link 1 of final
  level1 receives nothing
  manager receives nothing
ben replies "Rating: 1 of 5" to anna's final
  manager receives nothing
manager replies "#reopen the requester is not satisfied" to poor_rating
  ticket is level1
