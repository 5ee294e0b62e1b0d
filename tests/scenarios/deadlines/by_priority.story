# An agent makes a ticket urgent: its deadline is planned again from the beginning, and the agent gets the new one.
with [[promises]] priority = ["urgent"]
with [[promises]] resolve_within = "2 business hours"

anna writes "Nothing works." about "Network"
  level1 receives request
1 business hour passes
alice replies "#priority urgent"
  alice receives transcript
  alice reads "the priority is now urgent; the new deadline is Monday 23 November at 11:00 (Paris time)"
  ticket has the promise due "2026-11-23 10:00:00+00:00"
30 business minutes pass
  level1 receives warning
30 business minutes pass
  ticket is level2
  level1 receives taken_over
