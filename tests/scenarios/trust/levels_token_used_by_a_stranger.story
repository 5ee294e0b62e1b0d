# A stranger answers a mail that was meant for Level 1: its token lets them do nothing and sends them nothing.

anna writes "Word does not start." about "Word"
  anna receives receipt
mallory replies "#resolve Call 0900-555." to level1's request
  ticket is level1
  anna receives nothing
  level1 receives request, message
  level1 reads "isn’t part of the ticket"
anna replies "#close withdrawn" to level1's request
  ticket is level1
