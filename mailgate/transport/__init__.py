"""Transport: how mail enters (SMTP, LMTP, IMAP, Maildir, pipe, mbox) and leaves (relay); no mail is interpreted."""
