# On a desk that closes on silence the requester gets the final notice and may still object.
with [confirmation] on_silence = "close"

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
7 business days pass
  ticket is finalizing
  anna receives receipt, confirm, reminder, reminder, final
anna replies "Not fixed!"
  ticket is level1
  anna receives reopened
