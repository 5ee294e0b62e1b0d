# A mail of the desk's own list names its writer only in Reply-To, which counts with the pinned server's pass.
with [trust] own_lists = ["help.example.com"]
with [trust] authserv_id = ["mx.example.com"]

zoe writes "My printer is broken." about "[help] Printer" and the pinned server says pass with the header "List-Id: <help.example.com>" with the header "Reply-To: support@example.com, anna@example.org"
  ticket has the requester "anna@example.org"
zoe writes "My screen is broken." about "[help] Screen" with the header "List-Id: <help.example.com>" with the header "Reply-To: anna@example.org"
  there are 2 tickets
  ticket 2 has the requester "zoe@example.net"
