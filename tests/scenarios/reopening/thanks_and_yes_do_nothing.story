# Thanks, a yes and automatic mail on a closed ticket are recorded and do nothing, inside the window and after it.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
3 business days pass
  ticket is closed
  level1 receives request, copy, closed
anna replies "Thank you!" to final
anna replies "Yes, it works." to final
anna is away and answers automatically "I am out of the office." to final
  ticket is closed
  level1 receives nothing
60 days pass
anna replies "Thanks again!" to final
anna replies "Yes, everything is fine." to final
anna is away and answers automatically "I am on holiday until Monday." to final
  ticket is closed
  there is 1 ticket
  anna receives receipt, confirm, final
  the history says "thanks"
  the history says "yes: "
