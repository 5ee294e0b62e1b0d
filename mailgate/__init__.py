"""mailgate: a support desk that lives in the mailbox.

One mail, straight through:

    peer ─ intake/smtp ─ intake.accept ─ store/journal ═COMMIT 1═ 250
            workers/inbound ─ parsers/* ─ store/tickets.find ─ advance ─ process.decide ─ notices ─ store ═COMMIT 2═
            workers/outbound ─ relay ─ store/outbox ═COMMIT 3═

    intake/      ways in: store, then acknowledge
    parsers/     bytes → values; pure, never raises on mail
    process/     the support process as one table; business time
    store/       the only SQL: journal, tickets, timers, outbox on one queue
    workers/     loops: take some, do them, finish them
    templates/   notices, one folder per language
    trust.py     who speaks, and what proves it
    advance.py   the only place a ticket changes
    notices.py   template + ticket → message bytes
    relay.py     bytes → sent, deferred or refused
    daemon.py    builds, starts, supervises and stops the roles

A floor imports only lower floors, neighbours never import each other (tests/test_floors.py):

    __main__ │ cli │ daemon │ intake · workers │ advance │ trust · store · notices · relay │ config │
    process · parsers │ mail · clock · tokens
"""

__version__ = "0.1.0"
