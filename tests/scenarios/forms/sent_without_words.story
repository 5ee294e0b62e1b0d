# A form that an agent sends without words of their own has a line of the desk above it, and is asked for once more.
with access form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form access"
  anna receives receipt, details
  anna reads "To move forward with your request SUP-1, we need a few details. Please reply"
anna replies "Please give me a call." to details
  anna receives form
  anna reads "A few details are still missing"
anna replies "Wanted from: 2026-12-01" to form
  anna receives nothing
  ticket has the fields "{'since': '2026-12-01'}"
