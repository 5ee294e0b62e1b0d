# A mail is too large for the desk: the operator learns where it is, and the sender what to do.

anna writes "See the video." about "Very private video" into the mailbox (61 MB)
  there are 0 tickets
  the journal says ignored: "too large: 61.0 MiB, and the desk takes 25.0 MiB; it stays where it is"
  anna receives too_large
  anna reads "of Monday 23 November at 09:00 (Paris time). It’s 61 MB, and our limit is 25 MB"
  anna never reads "private"
  anna sees the subject "Your email is too large for us"
  operator receives oversized
  operator reads "Anna Martin <anna@example.org>"
  operator reads "INBOX, UID 1 (support, imap.example.com)"
  operator reads "Very private video"
  operator reads "We asked the sender to send it again"
the same mail comes again
  the journal says duplicate
  anna receives nothing
  operator receives nothing
anna replies "Here is a link instead." to too_large
  there is 1 ticket
  anna receives receipt
