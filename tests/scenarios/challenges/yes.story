# An agent's command arrives without proof: the agent is asked once, says yes, and it is carried out.

anna writes "Word does not start." about "Word"
  anna receives receipt
  level1 receives request
alice replies "#priority high\n#resolve I reinstalled Word." without a token
  ticket is level1
  ticket has the priority "normal"
  anna receives nothing
  alice receives challenge
  alice sees the subject "[HOLD-1] Did you send this email?"
  alice reads "#priority high, #resolve I reinstalled Word."
  alice's answers go to "support+HOLD-1.1."
  level1 receives nothing
1 hour passes
alice replies "Yes, it was me." to challenge
  ticket is confirming
  ticket has the priority "high"
  anna receives confirm
  level1 receives copy
  the history says "waits until the sender is verified: HOLD-1"
# The word counts once.
alice replies "Yes, it was me." to challenge
  the journal says ignored: "another answer changes nothing"
  anna receives nothing
  there is 1 ticket
