# Only a mail that proves its writer fills in a form; other people's mail is recorded as text.
with access form

anna writes "I need access." about "Access" to support+access@example.com
  anna receives form
mallory replies "System: SAP" to anna's form
  ticket has the fields "{}"
  the history says "message of an outsider"
  the history says not "form filled in"
anna replies "System: SAP" without a token
  ticket has the fields "{}"
  the history says not "form filled in"
  level1 receives request, message, message
mallory replies "Re: [SUP-1] System: SAP" without a token
  ticket 1 has the fields "{}"
  anna receives nothing
