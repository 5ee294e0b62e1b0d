# A ticket goes to another desk and back, and each time takes on that desk's deadline, address and people.
with montreal queue

anna writes "The printer in Montréal is broken." about "Printer"
  anna receives receipt
  level1 receives request
alice replies "#route montreal"
  ticket has the queue "montreal"
  anna receives moved
  anna sees the sender "Aide Montréal <aide@montreal.example>"
  anna's answers go to "aide+SUP-1."
  anna reads "at 10:00 (Toronto time)"
  montreal1 receives routed
  level1 receives taken_over
anna replies "It is on the 2nd floor."
  montreal1 receives message
  level1 receives nothing
luc replies "#rediriger default"
  ticket has the queue "default"
  level1 receives routed
  montreal1 receives nothing
  anna receives moved
  anna sees the sender "Support <support@example.com>"
anna replies "Is anybody there?" to receipt
  there is 1 ticket
  level1 receives message
alice replies "#resolve Done."
  anna receives confirm
anna replies "resolved"
  ticket is finalizing
