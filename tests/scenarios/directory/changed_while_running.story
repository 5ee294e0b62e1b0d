# The directory changes while the desk runs: the next mail uses it, and a broken file changes nothing.
with [directory] people = "people.csv"
the file people.csv says "address,department\nanna@example.org,Accounts"
anna writes "Word does not start." about "Word"
ticket has the department "Accounts"
the file people.csv says "address,department\nanna@example.org,Purchasing"
2 seconds pass
anna writes "Excel does not start." about "Excel"
ticket 2 has the department "Purchasing"
# What a ticket was opened with stays.
ticket 1 has the department "Accounts"
the file people.csv says ""
2 seconds pass
anna writes "Outlook does not start." about "Outlook"
ticket 3 has the department "Purchasing"
the file people.csv is gone
2 seconds pass
anna writes "Teams does not start." about "Teams"
ticket 4 has the department "Purchasing"
the file people.csv says "address,department\nanna@example.org,Sales"
2 seconds pass
anna writes "The mouse does not start." about "Mouse"
ticket 5 has the department "Sales"
