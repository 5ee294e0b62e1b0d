# Without a directory a colleague is named as their own mail does, else by their address.

anna writes "Word does not start." about "Word"
alice replies "#take\nI look at it."
bob replies "#show SUP-1" to request
  bob reads "Alice · took the ticket"
  bob reads "Assigned to: Alice"
alice replies "#assign bob" to request
alice replies "#show SUP-1" to request
  alice reads "Assigned to: bob@example.com"
