# A wait until a day goes on at the level that gets the ticket: the warning and the escalation name it, and Level 2 is reminded.

anna writes "The copier smells of smoke." about "Copier"
alice replies "#waiting the copier maker until Wednesday\n\nThey send a technician."
  anna receives receipt, answer
  anna reads "We’re waiting for the copier maker. You’ll hear from us by 25 November 2026."
  level1 receives request, copy
4 business hours pass
  level1 receives warning, taken_over
  level1 reads "Waiting for: the copier maker, until Wednesday 25 November at 09:00 (Paris time)" in warning
  level2 receives escalation
  level2 reads "- Waiting for: the copier maker, until Wednesday 25 November at 09:00 (Paris time)"
  the timers are escalation, third party, warning
carol replies "Dear Anna, I look into it." to escalation
anna replies "Thank you, I wait."
  carol receives message
  carol reads "Waiting for: the copier maker, until Wednesday 25 November"
44 hours pass
  carol receives third_party_reminder
  carol reads "Waiting for: the copier maker, since Monday 23 November at 09:00"
carol replies "#take" to third_party_reminder
  the timers are escalation
