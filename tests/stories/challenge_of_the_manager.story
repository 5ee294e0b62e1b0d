# The manager orders something in a ticket that he was not asked about: he is asked, too. Without an order he is a person
# like any other.

anna writes "Word does not start." about "Word"
manager replies "#priority urgent" to anna's receipt
  ticket has the priority "normal"
  manager receives challenge
manager replies "yes" to challenge
  ticket has the priority "urgent"
manager replies "Please hurry." to anna's receipt
  level1 receives request, message
