# Other teams are notified of a closing, and their answers go to the level only.
with [confirmation] notify = ["nils@example.com", "level1@example.com", "anna@example.org"]

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
3 business days pass
  ticket is closed
  level1 receives request, copy, closed
  nils receives closed
  nils reads "SUP-1: Word"
  nils reads "This is for your information."
  anna receives receipt, confirm, final
nils replies "Please mind the licence."
  level1 receives nothing
  alice receives third_party
  anna receives nothing
  ticket is closed
