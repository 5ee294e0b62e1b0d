# What a saved reply said stands in the story, below the first mail of a person in copy, and in the mail of an escalation.
with [knowledge] replies = "replies"

the file replies/visit.en.md says "Hello {first_name},\n\nwe come by {words}."
anna writes "The copier smells." about "Copier"
alice replies "#reply visit on Friday at nine\n\nPlease leave it off."
  anna reads "Hello Anna, we come by on Friday at nine. Please leave it off." in answer
alice replies "#cc ben@example.org\n\nStill Friday." to request
  ben reads "> Hello Anna, > > we come by on Friday at nine. > > Please leave it off." in answer
  ben never reads "#reply"
alice replies "#status" to request
  alice reads "> Hello Anna, > > we come by on Friday at nine. > > Please leave it off."
alice replies "#escalate they never came" to request
  level2 reads "> Hello Anna, > > we come by on Friday at nine. > > Please leave it off." in escalation
