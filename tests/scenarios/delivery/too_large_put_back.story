# The operator puts back a too large mail: it is still too large, and nobody is notified again.

anna writes "See the video." about "Video" into the mailbox (61 MB)
  anna receives too_large
  operator receives oversized
the operator puts the mail back
  the journal says ignored: "too large"
  there are 0 tickets
  anna receives nothing
  operator receives nothing
