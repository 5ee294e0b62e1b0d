# A listed robot's mail is sorted by a rule; other automatic mail opens no ticket, whatever a rule says.
with [trust] robots = ["robot@monitor.example"]
with the rule name = "monitoring"; sender = ["robot@monitor.example", "noreply@www.example.com"]; type = "incident"; priority = "high"

robot writes "Disk full on db1." about "Alert" with the header "Auto-Submitted: auto-generated"
  ticket has the type "incident"
  ticket has the priority "high"
form writes "Disk full on db2." about "Alert" with the header "Auto-Submitted: auto-generated"
  there is 1 ticket
