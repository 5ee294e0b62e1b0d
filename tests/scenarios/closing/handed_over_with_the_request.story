# An agent hands a request over in one mail: the other team gets it with the agent's words, and the requester reads who has it.

anna writes "I need a new contract with the phone company." about "Contract"
alice replies "#ask supplier@vendor.example with files\n#close transferred the contracts team\n\nPlease take this over from Anna Martin, anna@example.org."
  ticket is closed
  supplier receives ask
  supplier reads "Please take this over from Anna Martin, anna@example.org."
  supplier reads "I need a new contract with the phone company."
  anna receives receipt, transferred
  anna reads "the contracts team"
  anna never reads "take this over"
supplier replies "We will."
  level1 receives request, third_party
  ticket is closed
  anna receives nothing
