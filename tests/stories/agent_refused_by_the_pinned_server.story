# An agent with the right token, but the server in front of the desk says that From is forged: his mail is held.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#resolve Call 0900-555." and the pinned server says fail
  ticket is level1
  anna receives nothing
  level1 receives request, held
  level1 reads "Call 0900-555."
alice replies "Call 0900-555." to request and the pinned server says fail
  anna receives nothing
  level1 receives held
alice replies "#resolve I reinstalled Word." to request and the pinned server says pass
  ticket is confirming
  anna receives confirm
