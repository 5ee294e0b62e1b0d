# On a strict desk an agent's mail without the pinned server's pass waits for proof.
with [trust] agents_need = "pass"
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  ticket is level1
  level1 receives request
  alice receives challenge
alice replies "#resolve I reinstalled Word." to request and the pinned server says pass
  ticket is confirming
