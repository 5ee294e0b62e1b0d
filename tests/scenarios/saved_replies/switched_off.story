# With the knowledge base switched off there are no saved replies, and no article has a name.
with [knowledge] replies = "replies"
with [knowledge] enabled = false

the file replies/visit.md says "We come soon."
anna writes "My chair is broken." about "Chair"
  anna receives receipt
alice replies "#reply visit"
  alice reads "the knowledge base is switched off"
alice replies "#kb paper jam"
  alice reads "the knowledge base is switched off"
alice replies "#help replies"
  alice reads "There are no saved replies or articles"
  anna receives nothing
