# Level 2 gets suggestions too, except those that the requester was already given.
with [knowledge] articles = "articles"

the file articles/one.md says "# VPN error 691\n\nRenew the certificate of the VPN."
the file articles/two.md says "# VPN error 691 abroad\n\nUse the second VPN gateway."
1 minute passes
anna writes "The VPN shows error 691." about "VPN"
  level1 reads "Renew the certificate" in request
alice replies "#kb 1"
  anna reads "Renew the certificate of the VPN."
anna replies "That did not help, still 691."
alice replies "#escalate no idea"
  level2 receives escalation
  level2 reads "Suggested solutions"
  level2 reads "Use the second VPN gateway."
  level2 reads not "1. VPN error 691"
