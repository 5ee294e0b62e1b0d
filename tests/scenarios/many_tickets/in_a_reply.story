# In a reply to one ticket a command that names others comes back, and one that names it is carried out.
with [agents] transcripts = "always"
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
ben writes "The printer is jammed." about "Printer"
alice replies "#close SUP-1 no answer" to request of ticket 2
  ticket 1 is level1
  ticket 2 is level1
  alice receives mistyped
  alice reads "“#close SUP-1 no answer”: it names tickets, and your email is about another one"
alice replies "#take SUP-1\n\nI come at nine." to request of ticket 2
  ticket 2 has the assignee ""
  ben receives receipt
  alice receives mistyped
alice replies "#spam SUP-1" to request of ticket 2
  ticket 2 is level1
  alice receives mistyped
alice replies "#note SUP-1\n\nThe same cause." to request of ticket 2
  ben receives nothing
  alice receives mistyped
alice replies "#note SUP-1 has the same cause" to request of ticket 2
  the history says "#note (alice@example.com)"
  alice receives transcript
alice replies "#take SUP-2" to request of ticket 2
  ticket 2 has the assignee "alice@example.com"
  alice receives transcript
alice replies "#note SUP-2\n\nIt is the old one." to request of ticket 2
  ben receives nothing
  alice receives transcript
alice replies "#resolve E-42 means that there is no paper." to request of ticket 2
  ticket 2 is confirming
  ben receives confirm
  ben reads "E-42 means that there is no paper."
