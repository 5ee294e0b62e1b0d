# An encrypted request goes to the level at once, and the requester is asked once to write unencrypted.

anna writes an encrypted mail about "Secret"
  ticket is level1
  level1 receives request
  level1 reads "encrypted"
  anna receives receipt, write_in_clear
anna replies with an encrypted mail
  level1 receives message
  anna receives nothing
anna replies "In clear: my password was stolen."
  level1 receives message
