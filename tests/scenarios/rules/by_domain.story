# A rule gives the requests of a domain a queue, an agent and a priority; the history and #explain name the rule.
with network queue
with the rule name = "partners"; sender = ["@example.org", "*.example.org"]; queue = "network"; assignee = "nils@example.com"; priority = "urgent"
with the rule name = "rest"; priority = "low"

anna writes "Word does not start." about "Word"
  ticket has the queue "network"
  ticket has the assignee "nils@example.com"
  ticket has the priority "urgent"
  nils receives request
  network receives nothing
  level1 receives nothing
  the history says "rule partners: a new request"
nils replies "#explain" to request
  nils reads "Sorted by the configuration’s rule: “partners”"
  anna never reads "partners"
zoe writes "Word does not start." about "Word"
  ticket 2 has the queue "default"
  ticket 2 has the priority "low"
  level1 receives request
