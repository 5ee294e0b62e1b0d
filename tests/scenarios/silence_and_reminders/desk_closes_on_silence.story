# On a desk that closes on silence the requester gets the final notice and may still object.
with [confirmation] on_silence = "close"

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna reads "If we don’t hear from you, we’ll remind you on Wednesday 25 November at 09:00 (Paris time) and close your request on"
zoe replies "It still does not work." to anna's confirm
  anna receives receipt, confirm, somebody_answered
  anna reads "we’ll remind you on Wednesday 25 November at 09:00 (Paris time) and close your request on"
5 business days pass
  anna receives reminder, reminder
  anna reads "This is our last reminder. If we don’t hear from you by"
2 business days pass
  ticket is finalizing
  anna receives final
anna replies "Not fixed!"
  ticket is level1
  anna receives reopened
