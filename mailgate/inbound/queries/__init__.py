"""Queries of staff by mail (`#list #show #explain #find #report #away #blocked #unblock #help`) and their answers.

All queries of one mail are answered in one mail, which belongs to no ticket; only `#show` is answered by a notice of
the ticket itself, so that a reply to it acts on the ticket. An invalid argument is answered with the valid
ones. A ticket that the author may not see is treated as one that does not exist.
"""
