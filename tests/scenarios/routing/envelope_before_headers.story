# A request arrives by SMTP: its envelope decides the queue, whatever its headers claim.
with network queue

mallory writes "Word does not start." about "Word" with the header "Delivered-To: network@example.com"
  ticket has the queue "default"
  level1 receives request
  network receives nothing
