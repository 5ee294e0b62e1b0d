# Words behind #waiting that ask something are a question to the requester; without a name or a time ahead nothing is done.
with [agents] transcripts = "always"

anna writes "The copier smells of smoke." about "Copier"
alice replies "#waiting Which model is it?"
  anna receives receipt, question
  the timers are waiting decision, waiting reminder
alice replies "#waiting for the log files\n\nCould you send me the log files, please?" to request
  anna receives question
  anna reads not "We’re waiting for"
  the timers are waiting decision, waiting reminder
alice replies "#waiting until Friday" to request
  alice receives transcript, transcript, not_possible
  alice reads "no third party is named: #waiting HP until Friday waits for HP, and #later Friday postpones the ticket"
alice replies "#waiting HP until they call\n\nWe wait." to request
  alice receives not_possible
  alice reads "“they call” isn’t a time in the future"
  anna receives nothing
alice replies "#waiting anna@example.org until Friday" to request
  alice receives not_possible
  alice reads "anna@example.org belongs to this ticket: ask with #waiting"
alice replies "#waiting service@hp.example until Friday\n\nThe maker looks into it." to request
  anna receives answer
  anna never reads "hp.example"
  the timers are escalation, third party, warning
