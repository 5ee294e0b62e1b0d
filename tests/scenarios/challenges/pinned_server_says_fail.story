# A yes with its token counts even if the pinned server calls it forged.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word." and the pinned server says fail
  ticket is level1
alice replies "yes" to challenge and the pinned server says fail
  ticket is confirming
