# A rule ignores newsletters: no ticket, no answer, and the journal names the rule; what belongs to a ticket comes through.
with the rule name = "newsletters"; sender = "@example.net"; subject = ["newsletter", "unsubscrib*"]; ignore = true

zoe writes "This week: ten tips." about "Our NEWSLETTER, week 48"
  there are 0 tickets
  zoe receives nothing
  level1 receives nothing
  the journal says ignored: "rule newsletters"
the operator puts the mail back
  there is 1 ticket
  the history says "a new request"
  the history says not "newsletters"
zoe writes "I cannot open the newsletters." about "Newsletters"
  there are 2 tickets
alice replies "Which one?" to request of ticket 2
zoe replies "The newsletter of May."
  there are 2 tickets
  the journal says done
