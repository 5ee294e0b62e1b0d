# The requester agrees with what an outsider said: that is no yes to the desk's question, and Level 1 is asked.

anna writes "Word does not start." about "Word"
alice replies "#resolve Please restart."
zoe replies "It still does not work." to anna's confirm
  level1 receives request, copy, unclear
anna replies "Yes, that is right." to somebody_answered
  ticket is confirming
  level1 receives unclear
  level1 reads "#close"
  level1 reads "#reopen"
anna replies "Ja, das stimmt." to somebody_answered
  ticket is confirming
anna replies "Yes." to somebody_answered
  ticket is finalizing
