# A mistyped command stops the whole mail: nothing of it is sent or done, and the agent sees what to fix.

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
