# The requester types a rating as a number, in stars or with thanks, and it is recorded.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  level1 receives request, copy
anna replies "4" to final
  ticket has the rating "4"
anna replies "★★★☆☆" to final
  ticket has the rating "3"
anna replies "Hello,\n\n5 stars!\n\nThank you very much\nAnna" to final
  ticket has the rating "5"
  ticket is finalizing
  level1 receives nothing
anna replies "Which of the 4 versions is it?" to final
  ticket has the rating "5"
  level1 receives unclear
