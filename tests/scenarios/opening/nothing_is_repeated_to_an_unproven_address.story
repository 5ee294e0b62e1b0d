# No notice repeats a requester's words to their address before a reply has shown that the address is real.

mallory writes "Visit evil.example" about "You have won!"
  mallory receives receipt
  mallory sees the subject "[SUP-1] We’ve received your request"
  mallory never reads "won"
  mallory never reads "evil.example"
4 business hours pass
  mallory receives escalated
  mallory never reads "won"
mallory replies "Hello?" to receipt
carol replies "What do you want?"
  mallory receives answer
  mallory sees the subject "Re: You have won! [SUP-1]"
