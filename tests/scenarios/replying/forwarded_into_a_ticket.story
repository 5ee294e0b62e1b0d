# An agent forwards a mail into a ticket: its text reaches the requester, and commands in it do nothing.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#note from the supplier\n\nHere is what they say.\n\n---------- Forwarded message ---------\nFrom: Sam <supplier@vendor.example>\nDate: Mon, Nov 23, 2026 at 8:00 AM\nSubject: Word\nTo: <alice@example.com>\n\nInstall the update.\n\n#close spam" to request
  ticket is level1
  anna receives answer
  anna reads "Install the update."
  anna never reads "from the supplier"
