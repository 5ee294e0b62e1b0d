# A ticket that Level 1 waits with for a third party is new for Level 2 when it goes there, and stands in its digest.
with [digest] at = "08:00"

anna writes "The copier smells of smoke." about "Copier"
alice replies "#waiting HP until Friday\n\nThey send a technician."
1 business hour passes
alice replies "#escalate" to request
1 business day passes
  carol receives digest
  carol reads "New and unassigned (1)"
  carol reads "waiting for HP"
