# What agents write to a dead address is not called sent: neither in the copy, nor in the transcript of who hears nothing else.
with [levels.level1] copy_answers = true

anna writes "Word does not start." about "Word"
alice replies "Please restart."
anna's answer bounces
  level1 receives request, copy, failed
bob replies "Or reinstall it."
  anna receives receipt, answer
  level1 receives copy
  level1 reads "Bob wrote this. It didn’t go to anna@example.org"
  level1 reads not "Sent by"
  bob receives failed, transcript
  bob reads "your reply wasn’t sent, because the desk sends nothing to the requester’s address"
bob replies "#resolve I reinstalled it."
  level1 receives copy, decision
  level1 reads not "Sent by" in copy
  bob receives transcript
  bob reads "the requester wasn’t asked, because the desk sends nothing to their address"
  bob reads not "is asked whether it’s solved"
alice replies "#reopen"
alice replies "#escalate"
carol replies "#resolve I bought a new one."
  carol receives transcript
  carol reads "the requester wasn’t asked, because the desk sends nothing to their address"
  carol reads "level1@example.com: a request to decide"
  level2 receives escalation
  anna receives nothing
