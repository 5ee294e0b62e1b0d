# Articles are sent by name with #kb and #reply; a name that two have comes back with both.
with [knowledge] replies = "replies"
with [knowledge] articles = "articles"

the file articles/paper-jam.md says "# Paper jam in the printer\n\nOpen the back lid."
the file articles/toner.md says "# Toner of the printer\n\nHello {first_name}, pull out the old one."
1 minute passes
anna writes "My office chair is broken." about "Chair"
  anna receives receipt
alice replies "#kb Paper-Jam"
  anna receives answer
  anna reads "Open the back lid."
  the history says "kb: #kb 1"
alice replies "#kb toner"
  anna reads "Hello {first_name}, pull out the old one." in answer
alice replies "#reply toner"
  anna reads "Hello Anna, pull out the old one." in answer
  the history says "kb: #kb 2"
alice replies "#kb printer"
  alice receives mistyped
  alice reads "several articles have this name: #kb 1 (Paper jam in the printer), #kb 2 (Toner of the printer)."
alice replies "#kb paper jams"
  alice reads "nothing has this name. The nearest: paper-jam."
alice replies "#kb 77"
  alice reads "there’s no such article"
alice replies "#kb ²"
  alice reads "there’s no such article"
