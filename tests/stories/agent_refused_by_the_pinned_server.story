# An agent with the right token, but the server in front of the desk says that From is forged: his mail is held.
# The level hears of it when nobody has owned up to it; every mail waits, with commands and without.
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
