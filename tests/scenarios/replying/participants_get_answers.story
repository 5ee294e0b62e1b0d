# Participants get answers and the final notice, but neither the receipt nor the question.

anna writes "The projector is dark." about "Projector" with copy to ben, zoe
  the participants are anna, ben, zoe
  anna receives receipt
  ben receives nothing
alice replies "Is the cable plugged in?"
  anna receives answer
  ben receives answer
  ben reads "Is the cable plugged in?"
  zoe receives answer
ben replies "The cable is in, I looked twice."
  level1 receives request, copy
  alice receives message
alice replies "#resolve The lamp was replaced."
  anna receives confirm
  ben receives nothing
ben replies "Resolved, thank you."
  ticket is confirming
  level1 receives unclear
  anna receives clarify
  anna reads "ben@example.org wrote to us about your request SUP-1."
  anna reads not "Thank you for your message"
anna replies "Resolved, thank you." to confirm
  ticket is finalizing
  anna receives final
  ben receives final
  zoe receives final
