"""Holds: questions to a person about mails that wait in the journal for the answer.

A hold is locked before it is read and changed, after the tickets of its mails, and opened under the advisory lock of
its subject: of one subject and kind one hold is open at a time, and one answer counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from mailgate.core.tokens import make_word
from mailgate.store.announcements import note_new_work
from mailgate.store.locks import take_advisory_lock
from mailgate.store.rows import columns_of, make_first, make_rows
from mailgate.store.schema import held_mails, holds, journal
from mailgate.store.tickets import lock_ticket
from mailgate.store.upsert import for_engine, keep_first
from mailgate.store.work_queue import DONE, IGNORED, WAITING

OPEN = "open"
ANSWERED = "answered"
REFUSED = "refused"
EXPIRED = "expired"


class HoldRow(NamedTuple):
    """A hold: the columns of the table."""

    id: int
    kind: str
    state: str
    subject: str
    asked: str
    queue: str
    created_at: datetime
    due_at: datetime
    askings: int
    answered_by: str
    word: str


class HeldRow(NamedTuple):
    """A mail of the journal that waits for a hold: `held_ticket` is its ticket, `shown` that a question showed it."""

    held_ticket: int | None
    shown: bool
    id: int
    received_at: datetime
    sender: str | None
    size: int
    blob_id: int


_COLUMNS = columns_of(holds, HoldRow)
_OPEN = (
    select(*_COLUMNS)
    .where(holds.c.subject == bindparam("about"), holds.c.kind == bindparam("sort"), holds.c.state == OPEN)
    .with_for_update()
)
_OPEN_OF_QUEUE = _OPEN.where(holds.c.queue == bindparam("of_queue"))
# A hold that is being answered is skipped: the transaction that locked it may wait for the hold that is locked here.
_OTHERS = (
    select(*_COLUMNS)
    .where(
        holds.c.subject == bindparam("about"),
        holds.c.kind == bindparam("sort"),
        holds.c.state == OPEN,
        holds.c.id != bindparam("hold"),
    )
    .order_by(holds.c.id)
    .with_for_update(skip_locked=True)
)
_LOCK = select(*_COLUMNS).where(holds.c.id == bindparam("hold")).with_for_update()
_GET = select(*_COLUMNS).where(holds.c.id == bindparam("hold"))
_TICKETS = (
    select(held_mails.c.ticket_id)
    .where(held_mails.c.hold_id == bindparam("hold"), held_mails.c.ticket_id.is_not(None))
    .distinct()
    .order_by(held_mails.c.ticket_id)
)
_ADD = insert(holds).returning(holds.c.id)
_DUE = (
    select(holds.c.id)
    .where(holds.c.state == OPEN, holds.c.due_at <= bindparam("now"))
    .order_by(holds.c.due_at, holds.c.id)
    .limit(bindparam("limit"))
)
_NEXT = select(func.min(holds.c.due_at)).where(holds.c.state == OPEN)
_MAILS: Select[Any] = (
    select(
        held_mails.c.ticket_id.label("held_ticket"),
        held_mails.c.shown,
        journal.c.id,
        journal.c.received_at,
        journal.c.sender,
        journal.c.size,
        journal.c.blob_id,
    )
    .join(journal, journal.c.id == held_mails.c.journal_id)
    .where(held_mails.c.hold_id == bindparam("hold"))
    .order_by(journal.c.id)
)
_JOIN = keep_first(held_mails)
_OF_MAIL = (
    select(holds.c.id)
    .join(held_mails, held_mails.c.hold_id == holds.c.id)
    .where(held_mails.c.journal_id == bindparam("mail"), holds.c.kind == bindparam("sort"))
    .order_by(holds.c.id.desc())
    .limit(1)
)


def find_open_hold(connection: Connection, kind: str, subject: str, queue: str = "") -> HoldRow | None:
    """Finds the open hold about a person, of one queue if that is named, and locks it.

    Until this transaction ends, no other transaction opens one.
    """
    take_advisory_lock(connection, f"hold {kind} {subject}")
    values = {"sort": kind, "about": subject}
    if queue:
        return make_first(HoldRow._make, connection.execute(_OPEN_OF_QUEUE, {**values, "of_queue": queue}))
    return make_first(HoldRow._make, connection.execute(_OPEN, values))


def lock_others(connection: Connection, hold: HoldRow) -> list[HoldRow]:
    """Finds the open holds of the same kind and person in other queues, and locks them."""
    values = {"sort": hold.kind, "about": hold.subject, "hold": hold.id}
    return make_rows(HoldRow._make, connection.execute(_OTHERS, values))


def open_hold(
    connection: Connection, kind: str, subject: str, asked: str, queue: str, now: datetime, due_at: datetime
) -> HoldRow:
    """Opens a hold about `subject` that `asked` is to answer, with a word of its own; the question is not sent yet."""
    values = {
        "word": make_word(),
        "kind": kind,
        "subject": subject,
        "asked": asked,
        "queue": queue,
        "created_at": now,
        "due_at": due_at,
    }
    number = connection.execute(_ADD, values).scalar_one()
    return HoldRow._make(connection.execute(_GET, {"hold": number}).one())


def get_hold(connection: Connection, number: int) -> HoldRow | None:
    """Returns a hold, not locked; None where there is none of that number."""
    return make_first(HoldRow._make, connection.execute(_GET, {"hold": number}))


def lock_hold(connection: Connection, number: int) -> HoldRow | None:
    """Locks a hold, and before it the tickets of its mails.

    The tickets first, the order of every transaction: one that has locked a ticket may wait for this hold. A mail of
    one more ticket may join before the hold is locked; then the lock is released, and that ticket locked before it.
    """
    locked: set[int] = set()
    while True:
        for ticket_id in _tickets_of(connection, number):
            if ticket_id not in locked:
                lock_ticket(connection, ticket_id)
                locked.add(ticket_id)
        savepoint = connection.begin_nested()
        hold = make_first(HoldRow._make, connection.execute(_LOCK, {"hold": number}))
        if locked.issuperset(_tickets_of(connection, number)):
            savepoint.commit()
            return hold
        savepoint.rollback()


def _tickets_of(connection: Connection, number: int) -> Sequence[int]:
    return connection.execute(_TICKETS, {"hold": number}).scalars().all()


def move_hold(connection: Connection, number: int, queue: str, asked: str) -> HoldRow:
    """Moves a locked hold to another queue, which then answers it."""
    connection.execute(update(holds).where(holds.c.id == number).values(queue=queue, asked=asked))
    return HoldRow._make(connection.execute(_GET, {"hold": number}).one())


def hold_mail(connection: Connection, number: int, journal_id: int, ticket_id: int | None) -> None:
    """Adds a mail of the journal to a hold; one that is in it already stays there once."""
    values = {"hold_id": number, "journal_id": journal_id, "ticket_id": ticket_id}
    connection.execute(for_engine(_JOIN, connection), values)


def list_held(connection: Connection, number: int) -> list[HeldRow]:
    """Lists the mails of a hold in the order in which they came."""
    return make_rows(HeldRow._make, connection.execute(_MAILS, {"hold": number}))


def note_asking(connection: Connection, hold: HoldRow, due_at: datetime, shown: Sequence[int] | None = None) -> None:
    """Records that the question was sent once more and showed the mails of these rows of the journal; None: all."""
    asked = update(holds).where(holds.c.id == hold.id)
    connection.execute(asked.values(askings=hold.askings + 1, due_at=due_at))
    waiting = update(held_mails).where(held_mails.c.hold_id == hold.id).values(shown=True)
    if shown is not None:
        waiting = waiting.where(held_mails.c.journal_id.in_(shown))
    connection.execute(waiting)


def end_hold(connection: Connection, number: int, state: str, by: str = "") -> None:
    """Ends a hold: no further answer counts."""
    connection.execute(update(holds).where(holds.c.id == number).values(state=state, answered_by=by))


def move_held(connection: Connection, journal_ids: Sequence[int], old: int, new: int) -> None:
    """Moves mails from one hold to another."""
    of_old = held_mails.c.hold_id == old, held_mails.c.journal_id.in_(journal_ids)
    connection.execute(update(held_mails).where(*of_old).values(hold_id=new))


def release_mails(connection: Connection, journal_ids: Sequence[int], now: datetime, **values: object) -> None:
    """Puts held mails back into the journal, to be processed as if they came now."""
    again = {
        "state": WAITING,
        "due_at": now,
        "attempts": 0,
        "leased_until": None,
        "created_at": now,
        "ticket_id": None,
        "outcome": "",
        "last_error": "",
    }
    waiting = journal.c.id.in_(journal_ids), journal.c.state == DONE
    note_new_work(connection, journal)
    connection.execute(update(journal).where(*waiting).values({**again, **values}))


def note_outcome(connection: Connection, journal_ids: Sequence[int], outcome: str, *, ignored: bool = False) -> None:
    """Records the outcome of held mails that are not to be processed; `ignored` ones can be put back by hand."""
    values: dict[str, object] = {"outcome": outcome}
    if ignored:
        values |= {"state": IGNORED, "last_error": outcome}
    connection.execute(update(journal).where(journal.c.id.in_(journal_ids)).values(values))


def hold_of(connection: Connection, journal_id: int, kind: str) -> int | None:
    """Finds the newest hold of a kind that a mail was in."""
    return connection.execute(_OF_MAIL, {"mail": journal_id, "sort": kind}).scalar()


def list_due_holds(connection: Connection, now: datetime, limit: int) -> Sequence[int]:
    """Lists the open holds that were not answered in time."""
    return connection.execute(_DUE, {"now": now, "limit": limit}).scalars().all()


def next_hold_due(connection: Connection) -> datetime | None:
    """Returns when the next open hold expires; None where none is open."""
    return connection.execute(_NEXT).scalar()


def postpone(connection: Connection, number: int, due_at: datetime) -> None:
    """Postpones an open hold."""
    connection.execute(update(holds).where(holds.c.id == number, holds.c.state == OPEN).values(due_at=due_at))
