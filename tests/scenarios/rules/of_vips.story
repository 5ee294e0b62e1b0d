# A rule sets the priority, whatever the directory says of the requester.
with [directory] people = "people.csv"
with the rule name = "word"; subject = "word"; priority = "low"

the file people.csv says "address;name;vip\nanna@example.org;Anna Martin;yes"
anna writes "It does not start." about "Wörd"
  ticket has the priority "low"
anna writes "It does not start." about "Wordpad"
  ticket 2 has the priority "high"
