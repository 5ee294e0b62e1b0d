# A form that an agent sends is the first answer, so the level is not warned that one is due, also when the times change.
with access form
with [levels.level1] answer_within = "1 business hour"

anna writes "I cannot get into our accounts." about "Accounts"
  anna receives receipt
  level1 receives request
  the timers are answer warning, escalation, warning
alice replies "#form access\n\nPlease fill this in." to request
  anna receives details
  level1 receives copy
  the timers are escalation, warning
alice replies "#type incident" to request
  the timers are escalation, warning
1 business hour passes
  level1 receives nothing
