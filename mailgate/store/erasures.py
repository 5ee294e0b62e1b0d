"""Erasures: the record of people who were taken out of the desk, and the door through which the history loses words.

The record has no address, but a fingerprint of it (HMAC with the desk's secret), and a certificate: counts, references
of tickets, and what is left for hand work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from mailgate.store.rows import columns_of, make_first, make_rows
from mailgate.store.schema import erased_parts, erasures
from mailgate.store.upsert import for_engine, overwrite

PERSON, RETENTION = "person", "retention"
"""Kinds of erasures: of one person, and of what the retention periods remove (one row for all of it)."""


class ErasureRow(NamedTuple):
    """An erasure; `ended_at` is None for one that was interrupted, or that left something for another run."""

    id: int
    kind: str
    fingerprint: str
    started_at: datetime
    ended_at: datetime | None
    certificate: dict[str, Any]


_COLUMNS = columns_of(erasures, ErasureRow)
_FIND: Select[Any] = (
    select(*_COLUMNS)
    .where(erasures.c.kind == bindparam("sort"), erasures.c.fingerprint.in_(bindparam("prints", expanding=True)))
    .order_by(erasures.c.id)
)
_ADD = insert(erasures).returning(erasures.c.id)
_NOTE_PART = overwrite(erased_parts, ["ticket_id", "part"], ["at"])


def list_erasures(connection: Connection, kind: str, fingerprints: Sequence[str]) -> list[ErasureRow]:
    """Lists the erasures with one of these fingerprints, oldest first."""
    return make_rows(ErasureRow._make, connection.execute(_FIND, {"sort": kind, "prints": list(fingerprints)}))


def begin_erasure(connection: Connection, kind: str, fingerprint: str, now: datetime) -> int:
    """Records that an erasure begins, and returns its number; one that was interrupted goes on."""
    unfinished = _FIND.where(erasures.c.ended_at.is_(None))
    found = make_first(ErasureRow._make, connection.execute(unfinished, {"sort": kind, "prints": [fingerprint]}))
    if found is not None:
        return found.id
    values = {"kind": kind, "fingerprint": fingerprint, "started_at": now, "certificate": {}}
    return int(connection.execute(_ADD, values).scalar_one())


def read_certificate(connection: Connection, number: int) -> dict[str, Any]:
    """Returns the certificate of an erasure as it stands."""
    return dict(connection.execute(select(erasures.c.certificate).where(erasures.c.id == number)).scalar_one())


def note_certificate(
    connection: Connection, number: int, certificate: Mapping[str, Any], ended_at: datetime | None = None
) -> None:
    """Writes the certificate of an erasure; `ended_at` is given once it is complete."""
    values = {"certificate": dict(certificate), "ended_at": ended_at}
    connection.execute(update(erasures).where(erasures.c.id == number).values(values))


@contextmanager
def open_history(connection: Connection, number: int, ticket_id: int) -> Iterator[None]:
    """Lets the events of a ticket lose words while the block runs; no transaction commits within it."""
    mine = update(erasures).where(erasures.c.id == number)
    connection.execute(mine.values(open_ticket=ticket_id))
    yield
    connection.execute(mine.values(open_ticket=None))


def note_parts(connection: Connection, ticket_id: int, parts: Collection[str], at: datetime) -> None:
    """Records that parts of a ticket are gone; a ticket that closes again later has new ones."""
    rows = [{"ticket_id": ticket_id, "part": part, "at": at} for part in sorted(parts)]
    connection.execute(for_engine(_NOTE_PART, connection), rows)
