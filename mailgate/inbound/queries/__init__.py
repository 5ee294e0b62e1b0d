"""What an agent asks the desk by mail, and the answers: `#list #show #explain #find #report #away #help`.

    rights.py      which queues somebody sees, and as what he may ask
    asking.py      `Questions` and `Asker`: all questions of one mail, answered in one mail
    lists.py       `#list` and `#find`
    accounts.py    `#explain`: why each mail and each step is there, in words that templates can say
    reports.py     `#report`

Whoever calls has seen to it that the asker is proven (`trust`). For the caller:

    Questions(settings, tickets, circulars, directory).answer(connection, asker, commands) -> what the journal is to say

`commands` are the questions of the mail (`parsers.vocabulary.QUESTIONS`), in order; what else it orders is not for this
room. One mail answers them (Notice.REPLY, which belongs to no ticket); only `#show` is answered by a mail of the ticket
itself, so that a reply to it acts on the ticket. No ticket changes but by `tickets.service`. An argument that cannot
be meant
is answered with what can be, and a ticket that the asker may not see as one that does not exist.
"""
