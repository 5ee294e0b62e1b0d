# An article is suggested, sent with #kb, and counts as confirmed when the requester confirms; its file may change at any time.
with [knowledge] articles = "articles"

the file articles/paper.md says "---\ntitle: Paper jam in the printer\nlanguage: en\n---\nOpen the back lid and pull the paper towards you."
1 minute passes
anna writes "There is a paper jam in our printer." about "Printer"
  level1 reads "1. Paper jam in the printer" in request
  level1 reads "Open the back lid" in request
  level1 reads "An internal article. No requester has confirmed it yet." in request
  anna receives receipt
  anna never reads "back lid"
alice replies "#kb 1\n#resolve"
  anna receives confirm
  anna reads "Open the back lid and pull the paper towards you."
anna replies "Yes, it is resolved."
3 business days pass
  ticket 1 is closed
ben writes "Paper jam again, the printer is stuck." about "Printer"
  level1 reads "It helped 1 person." in request
  level1 reads not "2. " in request
the file articles/paper.md is gone
2 minutes pass
zoe writes "The printer has a paper jam." about "Printer"
  level1 reads not "Suggested solutions" in request
the file articles/paper.md says "# Paper jam in the printer\n\nUse the new tray."
2 minutes pass
anna writes "The printer has a paper jam." about "Printer"
  level1 reads "1. Paper jam in the printer" in request
  level1 reads "Use the new tray." in request
