# An agent's reply to a query's answer is a new mail to the desk and never reaches the requester.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#explain" to request
  alice receives reply
  alice sees the subject "Re: Word"
alice replies "#list mine" to reply and the pinned server says pass
  alice receives reply
  alice reads "Assigned to you (0)"
alice replies "Thank you, desk." to reply and the pinned server says pass
  anna receives nothing
