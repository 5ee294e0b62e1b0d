# An agent whose ticket went to another queue may still add notes and log time in their own name.
with network queue

anna writes "No Wi-Fi in room 12." about "Wi-Fi" to network@example.com
  network receives request
nils replies "#route default"
  nils receives nothing
nils replies "#type incident" to request
  nils receives late_level
nils replies "#note She is on leave until Monday." to late_level
  nils receives nothing
  the history says "note"
  the history says "(nils@example.com)"
nils replies "#time 5m"
  ticket has the minutes spent "5"
  nils receives nothing
  anna receives receipt, moved
