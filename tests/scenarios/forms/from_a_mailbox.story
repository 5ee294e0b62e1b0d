# A request for a form is fetched from a mailbox: the address in To selects the form.
with access form
with network queue

anna writes "System: SAP" about "Access" to support+access@example.com into the mailbox of support@example.com
  ticket has the form "access"
anna writes "System: SAP" about "Access" to support+access@example.com with the header "Delivered-To: network@example.com" into the mailbox of support@example.com
  ticket has the queue "network"
  ticket has the form ""
