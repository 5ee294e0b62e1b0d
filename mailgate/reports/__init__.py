"""Reports: what a desk did in a period, as figures that can each be traced to their tickets.

periods.py    which days
measures.py   the figures there are, and what each is made of
samples.py    from the history of a ticket to what counts of it
counting.py   `count`: the report of a period
"""
