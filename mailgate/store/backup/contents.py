"""Counts the rows of a database, and finds those that it has beyond a backup.

Reads databases of every version: a few columns by name.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, inspect, select, text

from mailgate.store.backup.format import DatabaseContents
from mailgate.store.erasures import PERSON
from mailgate.store.schema import erasures
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
    """The rows that a database has beyond a backup: their numbers, and the first tickets among them.

    `erased` is the number of people who were erased since, and whom the backup has again.
    """

    tickets: int
    mails: int
    notices: int
    erased: int
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


def find_later_rows(connection: Connection, contents: DatabaseContents, made_at: datetime, most: int) -> LaterRows:
    """Finds the rows that a database has beyond those of a backup of that time; of the tickets `most` by name."""
    counts = [
        _count(connection, f"SELECT count(*) FROM {name} WHERE id > {last:d}")
        for name, last in zip(_TABLES, (contents.last_ticket, contents.last_journal, contents.last_outbox), strict=True)
    ]
    found = connection.execute(_LATER, {"last": contents.last_ticket, "most": most})
    tickets, mails, notices = counts
    return LaterRows(
        tickets,
        mails,
        notices,
        _count_erased(connection, made_at),
        tuple(LaterTicket._make(map(str, row)) for row in found),
    )


def _count_erased(connection: Connection, since: datetime) -> int:
    if not inspect(connection).has_table(erasures.name):
        return 0
    ended_at = func.coalesce(erasures.c.ended_at, erasures.c.started_at)
    later = select(func.count(erasures.c.fingerprint.distinct())).where(erasures.c.kind == PERSON, ended_at > since)
    return int(connection.execute(later).scalar_one())


def _count(connection: Connection, query: str) -> int:
    return int(connection.execute(text(query)).scalar() or 0)
