# An agent in copy answers all with proof of the pinned server, and the answer is still not sent twice.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word" with copy to alice
  anna receives receipt
alice answers all "Please restart your computer." about "Word" and the pinned server says pass
  anna receives nothing
  the history says "answer seen in copy"
