# The level reads how urgent the requester says it is, in their words, and the priority stays as it was.

anna writes "Word does not start.\n\nUrgent: I present at 14:00\nDesired outcome: Word on any computer" about "Word"
  ticket has the priority "normal"
  level1 receives request
  level1 reads "Urgency, in the requester’s words: “I present at 14:00”"
  level1 reads "Expected result: Word on any computer"
