"""The commands of the command line, a module for each family. `cli` names them and imports a module when it is called.

    opening.py      --config → settings, database, ticket; every way in which that fails, as one clear line
    layout.py       plain text for a terminal of 80 columns, and JSON
    service.py      serve, pipe, demo
    journal_lines.py  the daemon's log as key=value lines
    inspection.py   check, status
    probes.py       what `check` looks at, one finding a line
    migration.py    upgrade
    listings.py     tickets, journal, outbox, timers
    dossier.py      one ticket whole, as values
    story.py        show, explain
    explanation.py  why each mail landed and each step was taken
    archive.py      export
    orders.py       resolve, escalate, close, reopen, note, requeue
    pictures.py     preview, process

A command raises `Refusal` for whatever an operator can mend; anything else that leaves it is a bug.
"""
