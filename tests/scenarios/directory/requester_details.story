# The level gets the requester's department, VIP mark and equipment from the directory.
with [directory] people = "people.csv"
with [directory] equipment = "equipment.csv"
the file people.csv says "address,name,department,language,vip\nanna@example.org,Anna Martin,Accounts,en,yes\n@example.net,Vendor Ltd,,en,"
the file equipment.csv says "address or department;asset;service;last change\nanna@example.org;ThinkPad T14;VPN;2026-11-20 new driver\nAccounts;Printer 2nd floor;;"
anna writes "Word does not start." about "Word"
ticket has the department "Accounts"
ticket has the priority "high"
level1 receives request
level1 reads "Requester: Anna Martin <anna@example.org>, Accounts, VIP"
level1 reads "Priority: high"
level1 reads "ThinkPad T14, VPN, last change 2026-11-20 new driver"
level1 reads "Printer 2nd floor"
anna never reads "VIP"
anna never reads "ThinkPad"
anna never reads "Accounts"
# Level 2 sees it too.
alice replies "#escalate the driver" to request
level2 reads "ThinkPad T14" in escalation
level2 reads "anna@example.org>, Accounts, VIP" in escalation
# Everybody of a domain, and nobody in particular.
zoe writes "Hello, the order is late." about "Order"
ticket 2 has the department "Vendor Ltd"
ticket 2 has the priority "normal"
level1 reads not "VIP" in request
# A stranger is just a stranger.
mallory writes "Where is my mail?" about "Mail"
ticket 3 has the department ""
level1 reads not "Equipment" in request
