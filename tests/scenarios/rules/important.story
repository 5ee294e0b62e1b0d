# A header and words that stand in the mail are conditions; all conditions of a rule must hold.
with the rule name = "urgent"; header = { Importance = "high", X-Priority = ["1", "1 *"] }; body = "nothing works"; has_files = false; priority = "urgent"

anna writes "Please help, NOTHING works." about "Word" with the header "Importance: High" with the header "X-Priority: 1 (Highest)"
  ticket has the priority "urgent"
anna writes "Nothing works any more." about "Excel" with the header "Importance: High"
  ticket 2 has the priority "normal"
anna writes "It works, nothing else." about "Mail" with the header "Importance: high" with the header "X-Priority: 1"
  ticket 3 has the priority "normal"
