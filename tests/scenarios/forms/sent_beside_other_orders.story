# The text of a mail goes out once: with a question or a solution, and a form beside it goes without words.
with access form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form access\n#waiting\n\nWhich account is it?"
  anna receives receipt, details, question
  anna reads "Which account is it?"
  the timers are waiting decision, waiting reminder
alice replies "#form access\n#resolve Restart it."
  anna receives details, confirm
  anna reads "Restart it."
