"""Reports: the figures of a desk in a period, each of which can be traced to its tickets.

`counting.count` makes a report; `periods` says which days, `measures` which figures there are, `samples` what counts of
a ticket. `sections` puts a report in words, `text`, `page`, `data` and `mail` render it.
"""
