# An agent writes #waiting without a question: the clock runs on, and the agent is asked for the question.

anna writes "Word does not start." about "Word"
alice replies "#waiting" to request
  alice receives reason_wanted
  alice reads "reply again with #waiting followed by your question"
  the timers are escalation, warning
  alice reads "We haven’t asked the requester of SUP-1 anything yet"
alice replies "#waiting Which version is it?" to reason_wanted
  anna receives receipt, question
  the timers are waiting decision, waiting reminder
alice replies "#take" to request
alice replies "#waiting" to request
  alice receives nothing
  the timers are waiting decision, waiting reminder
