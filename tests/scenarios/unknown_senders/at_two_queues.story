# An unknown sender writes to two queues: each is asked about its own mail, and one approval counts for both.
with network queue
with [directory] unknown = "hold"

mallory writes "My job interview." about "Job" to network@example.com
  network receives stranger
  network reads "My job interview."
mallory writes "The printer is on fire." about "Fire"
  level1 receives stranger
  level1 reads "The printer is on fire."
  level1 reads not "My job interview."
  network receives nothing
1 hour passes
  network never reads "on fire"
  level1 never reads "My job interview."
alice replies "#approve" to stranger
  there are 2 tickets
  mallory receives receipt, receipt
nils replies "#approve" to stranger
  the journal says ignored: "another answer changes nothing"
