# An agent of another level opens a ticket and may classify it, but not resolve it.
with [trust] authserv_id = ["mx.example.com"]

carol writes "#requester anna@example.org\n#priority urgent\n#resolve Done.\n\nThe server room is warm." about "Heat" and the pinned server says pass
  ticket is level1
  ticket has the priority "urgent"
  ticket has the submitter "carol@example.com"
  anna receives receipt
  level1 receives request
  carol receives late_level, reply
