# The question to a supplier bounces: the level gets a mail at once, and the clock runs again.
with [waiting] pause_for_third_parties = true

anna writes "The copier smells of smoke." about "Copier"
alice replies "#ask supplier@vendor.example\nIs the recall valid for model X-200?"
  the timers are answer warning, third party
supplier's ask bounces
  level1 receives request, failed
  level1 reads "Please contact supplier@vendor.example in another way"
  operator receives nothing
  the timers are escalation, warning
