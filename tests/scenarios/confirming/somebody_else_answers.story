# An outsider answers with the requester's token: the requester is asked whether it is solved, and may press a button.

anna writes "Word does not start." about "Word"
alice replies "#resolve Please restart."
  anna receives receipt, confirm
zoe replies "It still does not work." to anna's confirm
  ticket is confirming
  level1 receives request, copy, unclear
  anna receives somebody_answered
  anna reads "Is your problem solved?"
anna opens the link 2 of somebody_answered
  ticket is level1
alice replies "#resolve Reinstalled."
zoe replies "It still does not work." to anna's confirm
anna opens the link 1 of somebody_answered
  ticket is finalizing
