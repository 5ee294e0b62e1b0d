"""Queries of staff by mail (`#list #show #explain #find #report #away #help`) and the mails that answer them.

All queries of one mail are answered in one mail, which belongs to no ticket; only `#show` is answered by a notice of
the ticket itself, so that a reply to it acts on the ticket. An argument that cannot be meant is answered with what can
be, and a ticket that the author may not see as one that does not exist.
"""
