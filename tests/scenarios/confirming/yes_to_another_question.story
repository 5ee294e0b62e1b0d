# While the requester is asked, an agent asks something else: a yes to that confirms nothing, the offered word does.

anna writes "Word does not start." about "Word"
alice replies "#resolve Please restart."
alice replies "Do you still need the old version?" to copy
anna replies "Yes." to answer
  ticket is confirming
  level1 receives request, copy, unclear
anna replies "It works." to answer
  ticket is confirming
anna replies "resolved" to confirm
  ticket is finalizing
