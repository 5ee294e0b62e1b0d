# With the knowledge base switched off nothing is suggested, offered or learned.
with [knowledge] enabled = false
with [knowledge] articles = "articles"
with [knowledge] offer_in_receipt = true

the file articles/paper.md says "---\ntitle: Paper jam in the printer\npublic: yes\n---\nOpen the back lid of the printer."
1 minute passes
anna writes "There is a paper jam in our printer." about "Printer"
  level1 reads not "Suggested solutions" in request
  anna never reads "back lid"
alice replies "#resolve I pulled the paper out of the printer."
anna replies "Yes, it is resolved."
3 business days pass
ben writes "There is a paper jam in our printer." about "Printer"
  level1 reads not "Suggested solutions" in request
