# Mail of a foreign mailing list opens no ticket; mail of the desk's own list opens one for its writer.
with [trust] own_lists = ["help.example.com"]

zoe writes "Who knows a good printer?" about "[users] Printer" with the header "List-Id: <users.lists.example.net>"
  the journal says ignored
  there are 0 tickets
  zoe receives nothing
zoe writes "My printer is broken." about "[help] Printer" with the header "List-Id: Help <help.example.com>" with the header "X-Original-From: anna@example.org"
  there is 1 ticket
  ticket has the requester "anna@example.org"
zoe writes "My screen is broken." about "[help] Screen" with the header "List-Id: <help.example.com>" with the header "X-Original-From: Ben Roy <ben@example.org>"
  ticket 2 has the requester "ben@example.org"
  ticket 2 has the requester name "Ben Roy"
