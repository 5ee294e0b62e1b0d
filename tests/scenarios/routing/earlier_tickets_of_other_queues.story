# Earlier tickets of a requester in another queue are shown only to agents of that queue.
with network queue

anna writes "Please treat this as a secret." about "Sick leave" to network@example.com
anna writes "Word does not start." about "Word"
anna writes "Excel does not start." about "Excel"
  level1 receives request, request
  level1 reads "SUP-2, 23 November 2026, with Level 1: Word"
  level1 never reads "Sick leave"
alice replies "#escalate" to request of ticket 3
  level2 receives escalation
  level2 reads "with Level 1: Word"
  level2 reads "with Level 1: Sick leave"
