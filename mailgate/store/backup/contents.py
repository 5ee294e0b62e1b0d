"""Counts the rows of a database, and finds those that it has beyond a backup.

Reads databases of every version: a few columns by name.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

from mailgate.store.backup.format import DatabaseContents
from mailgate.store.ticket_numbers import last_number

_TABLES = ("tickets", "journal", "outbox")
_LATER = text("SELECT reference, requester, subject, state FROM tickets WHERE id > :last ORDER BY id LIMIT :most")


class LaterTicket(NamedTuple):
    """A ticket that was opened after a backup was made."""

    reference: str
    requester: str
    subject: str
    state: str


class LaterRows(NamedTuple):
    """The rows that a database has beyond a backup: their numbers, and the first tickets among them."""

    tickets: int
    mails: int
    notices: int
    first: tuple[LaterTicket, ...]


def read_contents(connection: Connection) -> DatabaseContents:
    """Counts what a database holds."""
    counts = {name: _count(connection, f"SELECT count(*) FROM {name}") for name in _TABLES}
    lasts = {name: _count(connection, f"SELECT coalesce(max(id), 0) FROM {name}") for name in _TABLES}
    waiting = {name: _count(connection, f"SELECT count(*) FROM {name} WHERE state = 'waiting'") for name in _TABLES[1:]}
    return DatabaseContents(
        version=str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""),
        **counts,
        last_ticket=last_number(connection),
        last_journal=lasts["journal"],
        last_outbox=lasts["outbox"],
        waiting_journal=waiting["journal"],
        waiting_outbox=waiting["outbox"],
    )


def find_later_rows(connection: Connection, contents: DatabaseContents, most: int) -> LaterRows:
    """Finds the rows that a database has beyond those of a backup; of the tickets `most` by name."""
    counts = [
        _count(connection, f"SELECT count(*) FROM {name} WHERE id > {last:d}")
        for name, last in zip(_TABLES, (contents.last_ticket, contents.last_journal, contents.last_outbox), strict=True)
    ]
    found = connection.execute(_LATER, {"last": contents.last_ticket, "most": most})
    tickets, mails, notices = counts
    return LaterRows(tickets, mails, notices, tuple(LaterTicket._make(map(str, row)) for row in found))


def _count(connection: Connection, query: str) -> int:
    return int(connection.execute(text(query)).scalar() or 0)
