# Too large automatic mail gets no answer; the operator is informed of it, except for spam.
with [trust] robots = ["robot@monitor.example"]

zoe writes "I am away." about "Away" with the header "Auto-Submitted: auto-replied" into the mailbox (61 MB)
  zoe receives nothing
  operator receives oversized
  operator reads "We didn’t notify the sender"
robot writes "Disk full." about "Alert" into the mailbox (61 MB)
  robot receives nothing
  operator receives oversized
mallory writes "Cheap watches!" about "Offer" with the header "X-Spam-Flag: YES" into the mailbox (61 MB)
  mallory receives nothing
  operator receives nothing
zoe writes "From me." about "Loop" with the header "Return-Path: <>" into the mailbox (61 MB)
  zoe receives nothing
  there are 0 tickets
