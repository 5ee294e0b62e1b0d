# Put back by hand, a mail that is too large is still too large, and nobody is told again.

anna writes "See the video." about "Video" into the mailbox (61 MB)
  anna receives too_large
  operator receives oversized
the operator puts the mail back
  the journal says ignored: "too large"
  there are 0 tickets
  anna receives nothing
  operator receives nothing
