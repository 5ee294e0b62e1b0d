# Loop protection stops notices to a sender of too large mails; the operator still gets each one.
with [limits] automatic_per_address_hour = 1

anna writes "One." about "One" into the mailbox (61 MB)
anna writes "Two." about "Two" into the mailbox (61 MB)
  anna receives too_large
  operator receives oversized, oversized
  operator reads "We didn’t notify the sender"
