# An agent mistypes a command: nothing of the mail is done or sent, and the mail comes back with the mistake.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#reslove I reinstalled Word.\nPlease start it once."
  alice receives mistyped
  alice reads "#reslove I reinstalled Word."
  alice reads "#resolve"
  anna receives nothing
  ticket is level1
alice replies "Hello,\n\n#note she is not nice\n\nplease restart."
  alice receives mistyped
  anna receives nothing
  anna never reads "not nice"
