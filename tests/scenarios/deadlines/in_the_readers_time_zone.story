# Each reader gets times in their own time zone.
with [directory] people = "people.csv"
with [levels.level2] mailbox = "carol@example.com"
the file people.csv says "address,timezone\ncarol@example.com,America/Montreal\nanna@example.org,Asia/Tokyo"
anna writes "Word does not start." about "Word"
# Promised for 14:00 in Paris.
level1 reads "Due: Monday 23 November at 14:00 (Paris time)"
anna reads "Monday 23 November at 22:00 (Tokyo time)"
alice replies "#escalate no key" to request
carol reads "(Montreal time)" in escalation
carol reads not "Paris" in escalation
