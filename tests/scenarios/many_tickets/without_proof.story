# Commands on several tickets without proof are shown to the agent, and a yes carries them out.

anna writes "Word does not start." about "Word"
ben writes "The printer is jammed." about "Printer"
alice writes "#close SUP-1 SUP-2 no answer\n#assign SUP-1 bob@example.com" about "Work"
  ticket 1 is level1
  alice receives challenge
  alice reads "#close SUP-1 SUP-2 no answer, #assign SUP-1 bob@example.com"
  anna receives receipt
alice replies "Yes, it was me." to challenge
  ticket 1 is finalizing
  ticket 2 is finalizing
  ticket 1 has the assignee "bob@example.com"
  anna receives final
  alice receives reply
