"""mailgate: a support desk that lives in the mailbox.

One mail, straight through:

    peer ─ intake/smtp ─ intake.accept ─ store/journal ═COMMIT 1═ 250
            workers/inbound ─ parsers/* ─ reception ─ advance ─ process.decide ─ notices ─ store ═COMMIT 2═
            workers/outbound ─ relay ─ store/outbox ═COMMIT 3═

    intake/      ways in: store, then acknowledge
    parsers/     bytes → values; pure, never raises on mail
    process/     the support process as one table; business time
    store/       the only SQL: journal, tickets, timers, outbox on one queue
    workers/     loops: take some, do them, finish them
    templates/   notices, one folder per language
    trust.py     who speaks, and what proves it
    reception.py what a mail means to the desk
    advance.py   the only place a ticket changes
    dispatch.py  who gets which notice, and with what in it
    notices/     template + ticket → message bytes
    relay/       bytes → sent, deferred or refused
    commands/    the command line
    desk.py      builds what decides, from the settings
    daemon.py    the roles of one process
    supervisor.py  a process for each group of roles

A floor imports only lower floors, neighbours never import each other (tests/test_imports.py);
docs/architecture.md draws the floors and says where to add things.
"""

__version__ = "0.1.0"
