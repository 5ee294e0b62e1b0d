"""Mails that were kept out as spam (rule 25): they stand in the journal, and no ticket was made of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from mailgate.store.queue import IGNORED
from mailgate.store.schema import journal

SPAM = "spam: "  # how the reason of such a row begins
_PAGE = 1_000  # rows looked at in one question
_COLUMNS = (
    journal.c.id, journal.c.received_at, journal.c.sender, journal.c.blob_id, journal.c.state, journal.c.last_error,
)  # fmt: skip
_NEWEST: Select[Any] = select(*_COLUMNS).order_by(journal.c.id.desc()).limit(_PAGE)
_BEFORE: Select[Any] = _NEWEST.where(journal.c.id < bindparam("before"))


def list_spam(connection: Connection, since: datetime) -> list[Row[Any]]:
    """What was kept out as spam since then and still is, newest first.

    Looks back through the journal only as far as that: its rows stand there in the order in which they came.
    """
    pages = _pages(connection, since)
    return [row for row in pages if row.state == IGNORED and row.last_error.startswith(SPAM)]


def _pages(connection: Connection, since: datetime) -> Iterator[Row[Any]]:
    rows = connection.execute(_NEWEST).all()
    while rows:
        recent = [row for row in rows if row.received_at > since]
        yield from recent
        if not recent or len(rows) < _PAGE:
            return
        rows = connection.execute(_BEFORE, {"before": rows[-1].id}).all()
