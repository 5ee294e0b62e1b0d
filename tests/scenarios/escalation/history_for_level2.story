# Level 2 gets the history of a ticket in plain words, each step once and without failed attempts.

anna writes "Word does not start." about "Word"
alice replies "#time 40m\n#cause broken template\nI am looking into it, Anna." to request
anna replies "Thank you." to answer
alice replies "#note I deleted the template." to request
alice replies "#resolve I reinstalled Word." to request
anna replies "not fixed" to confirm
bob replies "#status" to request
alice replies "#escalate needs an administrator" to not_fixed
  level2 receives escalation
  level2 reads "logged time: 40 min"
  level2 reads "recorded the cause: broken template"
  level2 reads "replied to the requester > I am looking into it, Anna."
  level2 reads "sent a solution > I reinstalled Word."
  level2 reads "Anna Martin · said it isn’t solved > not fixed"
  level2 reads "Alice · escalated: needs an administrator"
  level2 reads not "#resolve I reinstalled"
  level2 reads not "#note I deleted"
  level2 reads not "signed address"
  level2 reads not "asked for the status"
