# By default a requester hears nothing of who takes their request, and no agent's name stands in an answer.
with [directory] people = "people.csv"
the file people.csv says "address;name\nalice@example.com;Alice Durand"

anna writes "Word does not start." about "Word"
alice replies "#take" to request
  anna receives receipt
alice replies "Please restart it." to request
  anna receives answer
  anna sees the sender "Support <support@example.com>"
  anna never reads "Durand"
