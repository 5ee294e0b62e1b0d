# A breaker stops notices to one sender; the operator still hears of each mail, and that the sender was not told.
with [limits] automatic_per_address_hour = 1

anna writes "One." about "One" into the mailbox (61 MB)
anna writes "Two." about "Two" into the mailbox (61 MB)
  anna receives too_large
  operator receives oversized, oversized
  operator reads "The sender was not told"
