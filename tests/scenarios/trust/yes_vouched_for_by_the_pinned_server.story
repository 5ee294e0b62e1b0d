# A yes without a token counts with the pinned server's pass, and does not with its fail.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved" without a token and the pinned server says fail
  ticket is confirming
anna replies "resolved" without a token and the pinned server says pass
  ticket is finalizing
