# A command in the middle of the text, or one of another desk, is never sent to the requester: the mail comes back.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "Hello,\n\nI reinstalled it.\n\n#resolve\n\nPlease start it once."
  alice receives mistyped
  alice reads "in the first paragraph or at the very end"
  anna receives nothing
alice replies "#snooze 2 days\n\nHello"
  alice receives mistyped
  alice reads "this desk doesn’t have that command"
  alice reads "#later Friday"
  anna receives nothing
alice replies "I reinstalled it.\n\n*#resolve*\n\nAlice Martin\nSupport Example SA\nTel. 4711"
  anna receives confirm
  anna never reads "4711"
  anna never reads "#resolve"
