# The pinned server says that a mail in the requester's name is not theirs: it is shown with a warning, and the wait goes on.
with [trust] authserv_id = ["mx.example.com"]

anna writes "My account is locked." about "Account"
alice replies "#waiting\nWhich account is it?"
  the timers are waiting decision, waiting reminder
  level1 receives request, copy
  anna receives receipt, question
anna replies "The one of Ben." without a token and the pinned server says fail with the header "Cc: mallory@evil.example"
  the timers are waiting decision, waiting reminder
  level1 receives nothing
  alice receives message
  alice reads "your mail server says that this email isn’t from"
  mallory receives nothing
  anna receives nothing
anna replies "The one of Carla."
  the timers are escalation, warning
  level1 receives nothing
  alice receives message
