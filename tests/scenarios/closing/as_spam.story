# An agent closes a ticket as spam: nobody is mailed, and the sender opens no more tickets.

mallory writes "Cheap watches!" about "Offer"
  mallory receives receipt
  level1 receives request
alice replies "#close spam"
  ticket is closed
  mallory receives nothing
  level1 receives nothing
mallory writes "Even cheaper watches!" about "Offer 2"
  the journal says ignored
  there is 1 ticket
  mallory receives nothing
