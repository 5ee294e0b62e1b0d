# In a mailbox no envelope tells the form: the address that the mail was written to does, unless another one counts more.
with access form
with network queue

anna writes "System: SAP" about "Access" to support+access@example.com into the mailbox of support@example.com
  ticket has the form "access"
anna writes "System: SAP" about "Access" to support+access@example.com with the header "Delivered-To: network@example.com" into the mailbox of support@example.com
  ticket has the queue "network"
  ticket has the form ""
