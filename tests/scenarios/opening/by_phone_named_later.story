# The channel is named with the requester of a colleague's note, and stays where a later command names none.
with [agents] transcripts = "always"

bob writes "Anna phoned: Word does not start." about "Word"
  ticket has the channel "mail"
  level1 reads not "Received by" in request
alice replies "#requester Anna Martin <anna@example.org> (over the phone)." to request
  ticket has the requester "anna@example.org"
  ticket has the channel "phone"
  alice reads "the requester is now Anna Martin <anna@example.org> (phone)"
  anna receives receipt
  anna never reads "phone"
alice replies "#requester zoe@example.net" to request
  ticket has the channel "phone"
alice replies "#requester zoe@example.net by chat" to request
  alice receives transcript, transcript, not_possible
  ticket has the channel "phone"
