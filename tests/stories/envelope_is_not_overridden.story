# By SMTP the envelope tells for whom a mail is, whatever a header claims that its sender wrote.
with network queue

mallory writes "Word does not start." about "Word" with the header "Delivered-To: network@example.com"
  ticket has the queue "default"
  level1 receives request
  network receives nothing
