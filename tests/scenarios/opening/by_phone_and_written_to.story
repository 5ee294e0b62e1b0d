# Whose request was written down by their address alone is called by the name with which they write, once it is proven.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester anna@example.org by phone\n\nWord does not start." about "Word" and the pinned server says pass
anna writes "It is room 5." about "[SUP-1] Word"
alice replies "#status" to request
  alice reads "- Requester: anna@example.org"
anna replies "I am in room 4." to receipt
alice replies "#status" to request
  alice reads "- Requester: Anna Martin <anna@example.org>"
alice replies "Please restart it." to request
  anna reads "Anna Martin wrote:" in answer
alice replies "#escalate no access" to request
  level2 reads "- Requester: Anna Martin" in escalation
