# Only the requester's proven rating counts; a participant's rating is read as ordinary text.
with [trust] authserv_id = ["mx.example.com"]

anna writes "The projector is dark." about "Projector" with copy to ben
alice replies "#resolve The lamp was replaced."
anna replies "resolved"
  anna reads "How satisfied are you with our help?" in final
  ben reads not "How satisfied are you with our help?" in final
  level1 receives request, copy
ben replies "1/5" to final
  ticket is finalizing
  ticket has the rating "None"
  level1 receives unclear
anna replies "5/5" without a token
  ticket has the rating "None"
  level1 receives unclear
zoe replies "Rating: 1 of 5" to anna's final
  ticket has the rating "None"
  level1 receives unclear
anna replies "5/5" without a token and the pinned server says pass
  ticket has the rating "5"
  level1 receives nothing
