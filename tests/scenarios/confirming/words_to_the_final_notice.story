# Words that are no objection to the final notice come to Level 1 with the one line that is possible then.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved" to confirm
  ticket is finalizing
anna replies "I will look at the macros tomorrow." to final
  level1 reads "If you know that it isn’t solved, reply with this line:" in unclear
  level1 reads "#reopen the requester says it does not work" in unclear
