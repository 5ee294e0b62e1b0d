# Level 2 is offered what helps with the request, also where its requester has written something else since.
with [knowledge] articles = "articles"

the file articles/one.md says "# VPN error 691\n\nRenew the certificate of the VPN."
1 minute passes
anna writes "The VPN shows error 691." about "Help"
alice replies "Which floor?" to request
anna replies "The second one." to answer
alice replies "#escalate no idea" to message
  level2 receives escalation
  level2 reads "Renew the certificate of the VPN."
