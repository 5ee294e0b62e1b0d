# Thanks after the final notice are only recorded, and the ticket closes as it would have done.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved" to confirm
  ticket is finalizing
  level1 receives request, copy
anna replies "Thank you very much!" to final
  ticket is finalizing
  level1 receives nothing
  the history says "thanks"
3 business days pass
  ticket is closed
  level1 receives closed
