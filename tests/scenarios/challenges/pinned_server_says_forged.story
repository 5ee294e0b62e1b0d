# The pinned server says that an agent's mail is forged: it waits for the agent's word, with commands and without.
# The level gets the mail only when the agent has not owned up to it in time.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#resolve Call 0900-555." and the pinned server says fail
  ticket is level1
  anna receives nothing
  level1 receives request
  alice receives challenge
  alice reads "Call 0900-555."
  alice reads "#resolve"
alice replies "Call 0900-556." to request and the pinned server says fail
  anna receives nothing
  alice receives nothing
alice replies "#resolve I reinstalled Word." to request and the pinned server says pass
  ticket is confirming
  anna receives confirm
3 days pass
  level1 receives copy, held, held
  level1 reads "Call 0900-556."
  level1 reads "nobody answered in time"
