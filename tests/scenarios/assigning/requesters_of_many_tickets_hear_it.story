# One mail that takes several tickets tells each requester, and loop protection holds back what is too much for one address.
with [notices] tell_taken = true
with [limits] automatic_per_address_hour = 3
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
ben writes "Excel does not start." about "Excel"
anna writes "Paint does not start." about "Paint"
alice writes "#take SUP-1 SUP-2 SUP-3" about "Mine" and the pinned server says pass
  anna receives receipt, receipt, taken
  ben receives receipt, taken
  alice receives reply
  ticket 3 has the assignee "alice@example.com"
  the history says "breaker: taken to anna@example.org"
