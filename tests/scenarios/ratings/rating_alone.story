# The requester rates the help: the rating is recorded and the ticket stays as it is; only a poor one is told.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  anna receives receipt, confirm, final
  anna reads "How satisfied are you with our help?"
  level1 receives request, copy
anna opens the link 4 of final
  ticket is finalizing
  ticket has the rating "4"
  ticket has the rating words ""
  level1 receives nothing
  anna receives nothing
  the history says "rating: 'Rating: 4 of 5'"
  the timers are objection
3 business days pass
  ticket is closed
  level1 receives closed
anna opens the link 2 of final
  ticket is closed
  ticket has the rating "2"
  level1 receives nothing
  alice receives poor_rating
  alice reads "the help 2 of 5"
  level1 reads "#reopen"
  manager receives poor_rating
60 days pass
anna replies "5/5, thank you!" to final
  ticket is closed
  ticket has the rating "5"
  ticket has the rating words "thank you!"
  level1 receives nothing
  there is 1 ticket
