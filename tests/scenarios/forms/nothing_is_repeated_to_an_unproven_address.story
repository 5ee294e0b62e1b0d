# A form repeats none of a requester's words before a reply has shown that their address is real.
with access form

mallory writes "System: evil.example\nWhy: visit evil.example" about "You have won!" to support+access@example.com
  mallory receives form
  mallory never reads "evil"
  mallory never reads "won"
  level1 receives request
  level1 reads "System: “evil.example” isn’t valid"
  level1 reads "Why: visit evil.example"
