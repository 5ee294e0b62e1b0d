# A listed robot opens tickets by automatic mail and gets no automatic mail; other automatic mail opens none.
with [trust] robots = ["robot@monitor.example"]

robot writes "Disk full on db1." about "Alert" with the header "Auto-Submitted: auto-generated"
  there is 1 ticket
  ticket has the requester "robot@monitor.example"
  level1 receives request
  robot receives nothing
form writes "Disk full on db2." about "Alert" with the header "Auto-Submitted: auto-generated"
  there is 1 ticket
  form receives nothing
