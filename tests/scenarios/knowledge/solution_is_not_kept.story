# #kb no keeps a solution out of the knowledge base, and so does a missing confirmation.

anna writes "The safe of the archive is locked." about "Archive safe"
alice replies "#kb no\n#resolve The code of the archive safe was changed, ask Zoé."
anna replies "Yes, it is resolved."
3 business days pass
  ticket 1 is closed
ben writes "The archive safe is locked again." about "Archive safe"
  level1 reads not "Suggested solutions" in request
alice replies "#close no answer"
3 business days pass
  ticket 2 is closed
zoe writes "The archive safe is locked." about "Archive safe"
  level1 reads not "Suggested solutions" in request
