# Saved replies are the solution beside #resolve and the question beside #waiting; two in one mail stand in their order.
with [knowledge] replies = "replies"

the file replies/restart.md says "Please restart your PC."
the file replies/ask-version.md says "Which version is it, please?"
the file replies/hello.md says "Good day."
anna writes "Word does not start." about "Word"
alice replies "#reply hello\n#reply ask-version\n#waiting"
  anna receives receipt, question
  anna reads "Good day. Which version is it, please?"
anna replies "16"
alice replies "#resolve\n#reply restart"
  anna receives confirm
  anna reads "Please restart your PC."
  ticket 1 is confirming
  ticket 1 has the solution "Please restart your PC."
