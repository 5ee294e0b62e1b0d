# What the server in front of the desk has marked as spam opens nothing and is answered by nobody.

mallory writes "Cheap watches!" about "Offer" with the header "X-Spam-Flag: YES"
  the journal says ignored
  there are 0 tickets
  mallory receives nothing
