# A supplier is asked with #ask where the queue allows a pause: the clock stands until the answer, not until a vacation reply.
with [agents] transcripts = "always"
with [waiting] pause_for_third_parties = true

anna writes "The copier smells of smoke." about "Copier"
1 business hour passes
alice replies "#ask supplier@vendor.example\nIs the recall valid for model X-200?"
  supplier receives ask
  anna receives receipt
  alice receives transcript
  alice reads "your text was sent to supplier@vendor.example only, and the deadline is paused until they answer"
  the timers are answer warning, third party
supplier is away and answers automatically "I am on holiday."
  the timers are answer warning, third party
1 business day passes
supplier replies "It is. We send a technician." to ask
  level1 receives request, answer_warning, third_party
  the timers are escalation, warning
2 business hours pass
  ticket is level1
1 business hour passes
  ticket is level2
  anna never reads "recall"
