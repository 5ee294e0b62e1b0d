# An agent sorts a ticket by tags, finds it by them, takes one off and takes that back; nothing of it reaches the requester.
with [agents] transcripts = "always"
with [trust] authserv_id = ["mx.example.com"]

anna writes "The tunnel does not open." about "Home office"
ben writes "Excel does not start." about "Excel"
  anna receives receipt
alice replies "#tag VPN, Fritz-Box" to request of ticket 1
  alice receives transcript
  alice reads "#tag: the tags are now: fritz-box, vpn"
  ticket 1 has the tags "('fritz-box', 'vpn')"
alice writes "#find tag:Vpn\n#list tag:printer\n#list" about "My work" and the pinned server says pass
  alice receives reply
  alice reads "SUP-1 Home office · Anna Martin · with Level 1"
  alice reads "Tickets (1) -----------"
  alice reads "#fritz-box #vpn"
  alice reads "Tickets (0)"
alice replies "#tag -vpn" to transcript of ticket 1
  ticket 1 has the tags "('fritz-box',)"
  alice receives transcript
alice replies "#status" to transcript of ticket 1
  alice receives status
  alice reads "Tags: fritz-box"
alice replies "#undo" to request of ticket 1
  alice reads "#undo: undone: #tag"
  ticket 1 has the tags "('fritz-box', 'vpn')"
  anna receives nothing
