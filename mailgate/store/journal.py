"""The journal: every mail that was accepted, before it is interpreted; duplicates, spam and gathered answers in it.

Once the transaction of `append` has committed (COMMIT 1), a source may acknowledge the mail. A mail that its source
offers again under the same key is not stored twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, insert, select, update

from mailgate.core.mail import Envelope
from mailgate.store.announcements import note_new_work
from mailgate.store.blobs import put_blob, put_blobs
from mailgate.store.locks import take_advisory_locks
from mailgate.store.rows import columns_of, make_rows, read_new_id
from mailgate.store.schema import journal, tickets
from mailgate.store.spool import PIECE, Spool
from mailgate.store.work_queue import DONE, IGNORED, QUARANTINED, WAITING, is_in, postpone, take
from mailgate.store.write_behind import ReadCache, forget_key, write_later

EVER = datetime(1970, 1, 1, tzinfo=UTC)
SPAM = "spam: "  # how the reason of such a row begins
_PAGE = 1_000  # rows of one query
_AT_ONCE = 500  # keys of one query
_LAST_HOUR = 10_000  # rows of the journal that are looked through for an hour's mails: no desk gets more


class JournalRow(NamedTuple):
    """A row of the journal: the columns of the table, in their order."""

    id: int
    state: str
    due_at: datetime
    attempts: int
    leased_until: datetime | None
    last_error: str
    created_at: datetime
    received_at: datetime
    source: str
    source_key: str | None
    sender: str | None
    recipients: list[str]
    auth_user: str
    peer: str
    message_id: str
    fingerprint: str | None
    size: int
    blob_id: int
    ticket_id: int | None
    outcome: str
    forced: bool
    oversized: bool
    proven: str
    author: str
    subject: str
    scanned_at: datetime | None

    @property
    def has_envelope(self) -> bool:
        """Tells whether its recipients are those of an envelope; else they are the address of its mailbox, if any."""
        return self.source_key is None


class UnansweredMail(NamedTuple):
    """A mail whose answer was gathered with others; `reference` is None where it belongs to no ticket."""

    created_at: datetime
    outcome: str
    reference: str | None


class SpamRow(NamedTuple):
    """A row of the journal that may hold spam."""

    id: int
    received_at: datetime
    sender: str | None
    blob_id: int
    state: str
    last_error: str


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A mail for the journal: `message_id`, the address in From and the subject, each "" where there is none."""

    envelope: Envelope
    raw: bytes | Spool
    message_id: str
    author: str = ""
    subject: str = ""


class _AlikeMail(NamedTuple):
    """A mail with a fingerprint that is asked for."""

    id: int
    state: str
    received_at: datetime


class _WaitingMail(NamedTuple):
    """A mail that waits to be processed, with a Message-ID that is asked for."""

    id: int
    received_at: datetime


# What a mail of the journal changes of these drops it: the fingerprint that is noted, the Message-ID of a mail that is
# finished.
_ALIKE_MAILS = ReadCache[str, list[_AlikeMail]](journal)
_WAITING_MAILS = ReadCache[str, list[_WaitingMail]](journal)

# Statements are built once: building one costs more than running it.
_FRESH, _TRIED = journal.c.attempts == 0, journal.c.attempts > 0
SCANNED: ColumnElement[bool] = journal.c.scanned_at.is_not(None)
"""Condition: the virus scanner, or the operator, has let a mail in."""
UNSCANNED: ColumnElement[bool] = journal.c.scanned_at.is_(None)
_RELEASE = (
    update(journal)
    .where(journal.c.id.in_(bindparam("named", expanding=True)), is_in(journal, QUARANTINED))
    .values(state=WAITING, due_at=bindparam("now"), scanned_at=bindparam("now"), attempts=0, last_error="")
    .returning(journal.c.id)
)
_APPEND = insert(journal)
_APPEND_ALL = insert(journal).returning(journal.c.id, sort_by_parameter_order=True)
_KNOWN = select(journal.c.source_key, journal.c.oversized).where(
    journal.c.source_key.in_(bindparam("keys", expanding=True))
)
_ALIKE_EVER = select(exists().where(journal.c.fingerprint == bindparam("looks")))
_OFFERED = select(journal.c.id).where(journal.c.source_key == bindparam("key"))
_ALIKE = select(journal.c.fingerprint, journal.c.id, journal.c.state, journal.c.received_at).where(
    journal.c.fingerprint.in_(bindparam("looks", expanding=True))
)
_HAS_OUTCOME = select(
    exists().where(
        journal.c.ticket_id == bindparam("ticket"), journal.c.outcome.in_(bindparam("wanted", expanding=True))
    )
)
_NOTE = update(journal).where(journal.c.id == bindparam("mine")).values(fingerprint=bindparam("looks"))
_NOTE_TICKET = (
    update(journal)
    .where(journal.c.id == bindparam("mine"))
    .values(ticket_id=bindparam("ticket"), outcome=bindparam("why"))
)
_WAITING_OF = select(journal.c.message_id, journal.c.id, journal.c.received_at).where(
    journal.c.message_id.in_(bindparam("answered", expanding=True)), journal.c.state == WAITING
)
_NEWEST: Select[Any] = select(*columns_of(journal, SpamRow)).order_by(journal.c.id.desc()).limit(_PAGE)
_NEWEST_ROW = select(func.max(journal.c.id))
_BEFORE: Select[Any] = _NEWEST.where(journal.c.id < bindparam("before"))


def envelope_of(row: JournalRow) -> Envelope:
    """Returns the envelope of a row of the journal."""
    return Envelope(
        sender=row.sender,
        recipients=tuple(row.recipients),
        source=row.source,
        received_at=row.received_at,
        source_key=row.source_key,
        auth_user=row.auth_user,
        peer=row.peer,
        whole_size=row.size if row.oversized else None,
    )


def has_outcome(connection: Connection, ticket_id: int, outcomes: Sequence[str]) -> bool:
    """Tells whether a mail of a ticket was worked off with one of these outcomes."""
    return bool(connection.execute(_HAS_OUTCOME, {"ticket": ticket_id, "wanted": list(outcomes)}).scalar())


def list_unanswered(connection: Connection, address: str, since: datetime) -> list[UnansweredMail]:
    """Lists the mails since then whose answers to this address were gathered into one, oldest first."""
    newest = select(journal.c.id).order_by(journal.c.id.desc()).limit(_LAST_HOUR)
    query: Select[Any] = (
        select(journal.c.created_at, journal.c.outcome, tickets.c.reference)
        .join(tickets, tickets.c.id == journal.c.ticket_id, isouter=True)
        .where(
            journal.c.id.in_(newest),
            journal.c.created_at >= since,
            journal.c.outcome.endswith(say_gathered(address), autoescape=True),
        )
        .order_by(journal.c.id)
    )
    return make_rows(UnansweredMail._make, connection.execute(query))


def say_gathered(address: str) -> str:
    """The end of an outcome that says that the answer to its author was gathered."""
    return f"; the answer to {address} is gathered"


def append(connection: Connection, entry: JournalEntry) -> int:
    """Stores a mail and returns the id of its row: of the earlier one where its source offers it again."""
    envelope = entry.envelope
    if envelope.source_key is not None:
        known = connection.execute(_OFFERED, {"key": envelope.source_key}).scalar()
        if known is not None:
            return int(known)
    note_new_work(connection, journal)
    return read_new_id(connection.execute(_APPEND, _values(entry, put_blob(connection, entry.raw))))


def append_all(connection: Connection, entries: Sequence[JournalEntry]) -> list[int]:
    """Stores mails as `append` does, and returns the ids of their rows in order.

    On PostgreSQL those that came one after the other share two statements, since each statement is a round trip.
    """
    ids: list[int] = []
    for may_share, run in groupby(entries, partial(_may_share, connection)):
        some = list(run)
        ids += _append_together(connection, some) if may_share else [append(connection, entry) for entry in some]
    return ids


def _may_share(connection: Connection, entry: JournalEntry) -> bool:
    is_small = isinstance(entry.raw, bytes) and len(entry.raw) < PIECE
    return connection.dialect.name == "postgresql" and entry.envelope.source_key is None and is_small


def _append_together(connection: Connection, entries: Sequence[JournalEntry]) -> Sequence[int]:
    put = put_blobs(connection, [entry.raw for entry in entries if isinstance(entry.raw, bytes)])
    rows = [_values(entry, blob) for entry, blob in zip(entries, put, strict=True)]
    note_new_work(connection, journal)
    return connection.execute(_APPEND_ALL, rows).scalars().all()


def _values(entry: JournalEntry, blob: int) -> dict[str, object]:
    envelope = entry.envelope
    return {
        "due_at": envelope.received_at,
        "created_at": envelope.received_at,
        "received_at": envelope.received_at,
        "source": envelope.source,
        "source_key": envelope.source_key,
        "sender": envelope.sender,
        "recipients": list(envelope.recipients),
        "auth_user": envelope.auth_user,
        "peer": envelope.peer,
        "message_id": entry.message_id,
        "author": entry.author,
        "subject": entry.subject,
        "size": len(entry.raw) if envelope.whole_size is None else envelope.whole_size,
        "oversized": envelope.whole_size is not None,
        "blob_id": blob,
    }


def take_fresh(
    connection: Connection, now: datetime, limit: int, lease: timedelta, *also: ColumnElement[bool]
) -> list[JournalRow]:
    """Leases due mails that no attempt was made to work yet, oldest first; `also` is SCANNED or nothing."""
    return [JournalRow._make(row) for row in take(connection, journal, now, limit, lease, _FRESH, *also)]


def take_tried(
    connection: Connection, now: datetime, limit: int, lease: timedelta, *also: ColumnElement[bool]
) -> list[JournalRow]:
    """Leases due mails that failed before or were in progress at a crash, oldest first; `also` as above."""
    return [JournalRow._make(row) for row in take(connection, journal, now, limit, lease, _TRIED, *also)]


def take_unscanned(connection: Connection, now: datetime, limit: int, lease: timedelta) -> list[JournalRow]:
    """Leases due mails for the virus scanner, oldest first."""
    return [JournalRow._make(row) for row in take(connection, journal, now, limit, lease, UNSCANNED)]


def note_scanned(connection: Connection, row: JournalRow, now: datetime) -> None:
    """Lets a mail in that the scanner found clean; its attempts to be processed begin with none."""
    note_new_work(connection, journal)
    postpone(connection, journal, row, row.due_at, "", scanned_at=now, attempts=0)


def release_quarantined(connection: Connection, row_ids: Sequence[int], now: datetime) -> list[int]:
    """Lets mails in that are quarantined, and returns which."""
    note_new_work(connection, journal)
    return sorted(connection.execute(_RELEASE, {"named": list(row_ids), "now": now}).scalars())


def find_offered(connection: Connection, keys: Sequence[str]) -> dict[str, bool]:
    """Finds the source keys that are in the journal, each with whether only the head of its mail is."""
    found: dict[str, bool] = {}
    for start in range(0, len(keys), _AT_ONCE):
        rows = connection.execute(_KNOWN, {"keys": list(keys[start : start + _AT_ONCE])})
        found.update((row.source_key, row.oversized) for row in rows)
    return found


def is_duplicate(connection: Connection, journal_id: int, fingerprint: str, since: datetime = EVER) -> bool:
    """Tells whether an earlier mail has this fingerprint; `since` limits how far back (mails without Message-ID).

    Until the end of this transaction every other one that asks for this fingerprint waits.
    """
    alike = _ALIKE_MAILS.read(connection, fingerprint, lambda: _list_alike(connection, [fingerprint])[fingerprint])
    # Mails are not always processed in the order in which they came: a later one that is done was first.
    return any(
        (number < journal_id or state == DONE) and received_at >= since
        for number, state, received_at in alike
        if number != journal_id
    )


def was_received(connection: Connection, fingerprint: str) -> bool:
    """Tells whether a mail with this fingerprint was processed already."""
    return bool(connection.execute(_ALIKE_EVER, {"looks": fingerprint}).scalar())


def note_fingerprint(connection: Connection, journal_id: int, fingerprint: str) -> None:
    """Stores the fingerprint of a mail, by which the next copy of it is recognized."""
    write_later(connection, _NOTE, [{"mine": journal_id, "looks": fingerprint}], touches=(journal_id, fingerprint))


def note_ticket(connection: Connection, journal_id: int, ticket_id: int, outcome: str) -> None:
    """Stores which ticket was opened of a mail that is parked."""
    connection.execute(_NOTE_TICKET, {"mine": journal_id, "ticket": ticket_id, "why": outcome})


def awaits(connection: Connection, journal_id: int, references: Sequence[str], wait: timedelta, now: datetime) -> bool:
    """Tells whether a mail that this one answers still waits to be processed (rule 29); not after `wait`."""
    if not references:
        return False
    known = _WAITING_MAILS.values(connection)
    if not all(one in known for one in references):
        found = _list_waiting(connection, references)
        known.update(found)
        known = found
    waiting = (mail for one in references for mail in known[one])
    return any(number != journal_id and received_at > now - wait for number, received_at in waiting)


def prefetch_journal(connection: Connection, fingerprints: Iterable[str], references: Iterable[str]) -> None:
    """Reads what `is_duplicate` and `awaits` will ask for these fingerprints and Message-IDs.

    Other transactions that ask for one of the fingerprints wait from now on.
    """
    if wanted := sorted(set(fingerprints)):
        _ALIKE_MAILS.values(connection).update(_list_alike(connection, wanted))
    if answered := sorted(set(references)):
        _WAITING_MAILS.values(connection).update(_list_waiting(connection, answered))


def _list_alike(connection: Connection, fingerprints: Sequence[str]) -> dict[str, list[_AlikeMail]]:
    """Lists the mails that have one of these fingerprints, after a lock of each."""
    take_advisory_locks(connection, fingerprints)
    found: dict[str, list[_AlikeMail]] = {one: [] for one in fingerprints}
    for looks, *mail in connection.execute(_ALIKE, {"looks": list(fingerprints)}):
        found[looks].append(_AlikeMail._make(mail))
    return found


def _list_waiting(connection: Connection, message_ids: Sequence[str]) -> dict[str, list[_WaitingMail]]:
    """Lists the mails with one of these Message-IDs that wait to be processed."""
    found: dict[str, list[_WaitingMail]] = {one: [] for one in message_ids}
    for message_id, *mail in connection.execute(_WAITING_OF, {"answered": list(message_ids)}):
        found[message_id].append(_WaitingMail._make(mail))
    for one in message_ids:  # a mail that no longer waits may have its ticket since that was asked
        forget_key(connection, one)
    return found


def find_newest_row(connection: Connection) -> int:
    """Returns the id of the row that was added last; 0 where there is none."""
    return int(connection.execute(_NEWEST_ROW).scalar() or 0)


def list_spam(connection: Connection, since: datetime) -> list[SpamRow]:
    """Lists the mails that were rejected as spam since then and still are, newest first.

    Reads the journal back only as far as that: its rows stand in the order in which they came.
    """
    pages = _pages(connection, since)
    return [row for row in pages if row.state == IGNORED and row.last_error.startswith(SPAM)]


def _pages(connection: Connection, since: datetime) -> Iterator[SpamRow]:
    rows = make_rows(SpamRow._make, connection.execute(_NEWEST))
    while rows:
        recent = [row for row in rows if row.received_at > since]
        yield from recent
        if not recent or len(rows) < _PAGE:
            return
        rows = make_rows(SpamRow._make, connection.execute(_BEFORE, {"before": rows[-1].id}))
