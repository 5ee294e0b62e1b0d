# The manager sends a command from another person's mail and is asked for proof; without a command they are an ordinary writer.

anna writes "Word does not start." about "Word"
manager replies "#priority urgent" to anna's receipt
  ticket has the priority "normal"
  manager receives challenge
manager replies "yes" to challenge
  ticket has the priority "urgent"
manager replies "Please hurry." to anna's receipt
  level1 receives request, message
