# A closing by phone also asks for a rating, and thanks with a rating change nothing.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
alice replies "#close She says that it works."
  anna reads "How satisfied are you with our help?" in final
anna opens the link 5 of final and adds "Thank you, Alice!"
  ticket is finalizing
  ticket has the rating "5"
  ticket has the rating words "Thank you, Alice!"
  level1 receives request, copy
