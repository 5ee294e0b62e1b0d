# An agent asks a supplier with #ask: the answer goes to the level, and the requester reads neither.

anna writes "The copier smells of smoke." about "Copier"
  anna receives receipt
alice replies "#ask supplier@vendor.example\nIs the recall valid for model X-200?"
  supplier receives ask
  supplier reads "Is the recall valid for model X-200?"
  supplier reads "> The copier smells of smoke."
  anna receives nothing
  ticket is level1
supplier replies "It is. #resolve We send a technician."
  level1 receives request, third_party
  level1 reads "We send a technician."
  anna receives nothing
  ticket is level1
alice replies "A technician comes tomorrow." to third_party
  anna receives answer
  anna never reads "recall"
