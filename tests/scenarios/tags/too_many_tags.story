# A ticket takes no more tags than the desk allows, and a word that reads like a reference is none.
with [agents] transcripts = "always"
with [limits] tags = 2

anna writes "The tunnel does not open." about "Home office"
alice replies "#tag vpn printer"
  alice receives transcript
alice replies "#tag excel"
  alice receives not_possible
  alice reads "a ticket can have at most 2 tags; this one has 2"
alice replies "#tag -vpn excel" to transcript
  alice receives transcript
  ticket has the tags "('excel', 'printer')"
alice replies "#tag SUP_7! x"
  alice receives mistyped
  alice reads "#tag WORD WORD"
