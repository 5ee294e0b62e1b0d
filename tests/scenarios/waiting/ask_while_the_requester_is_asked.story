# A supplier is asked while the requester is: the requester's answer lets the clock run, as without the supplier.
with [waiting] pause_for_third_parties = true

anna writes "The copier smells of smoke." about "Copier"
alice replies "#waiting\nWhich model is it?"
alice replies "#ask supplier@vendor.example\nWhich models are recalled?" to copy
  the timers are waiting decision, waiting reminder
anna replies "It is an X-200."
  the timers are escalation, warning
