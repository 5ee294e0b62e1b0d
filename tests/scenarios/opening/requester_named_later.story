# A colleague writes for a requester who phoned: #requester names the requester, who gets the receipt.

bob writes "Anna phoned: Word does not start." about "Word"
  ticket has the requester "bob@example.com"
alice replies "#requester Anna Martin <anna@example.org>" to request
  alice receives nothing
  ticket has the requester "anna@example.org"
  ticket has the submitter "bob@example.com"
  the participants are anna
  anna receives receipt
  anna never reads "phoned"
alice replies "#resolve I reinstalled Word." to request
  anna receives confirm
alice replies "#requester ben@example.org" to request
  alice receives not_possible
alice replies "#requester" to request
  alice receives not_possible
