# A shared mailbox sends with a Sender header, and the agent named there is the author.

anna writes "Word does not start." about "Word"
level1 replies "#take" to request with the header "Sender: Bob <bob@example.com>"
  ticket has the assignee "bob@example.com"
  the history says "(bob@example.com)"
level1 replies "#take" to request with the header "Sender: Mallory <mallory@evil.example>"
  ticket has the assignee "level1@example.com"
