# A mail that the server in front marked as spam opens no ticket and gets no answer.

mallory writes "Cheap watches!" about "Offer" with the header "X-Spam-Flag: YES"
  the journal says ignored
  there are 0 tickets
  mallory receives nothing
