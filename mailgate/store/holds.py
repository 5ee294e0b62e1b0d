"""Holds: questions to somebody about mails that wait in the journal for his word.

A hold is locked before it is looked at and changed, and opened only by whoever has the turn of its subject: of one
subject and kind there is one open at a time, and one answer counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, func, insert, select, update

from mailgate.store.conflicts import for_engine, keep_first
from mailgate.store.queue import DONE, IGNORED, WAITING
from mailgate.store.schema import held_mails, holds, journal, participants
from mailgate.store.turns import take_turn

OPEN = "open"
ANSWERED = "answered"
REFUSED = "refused"
EXPIRED = "expired"

_OPEN = (
    select(holds)
    .where(holds.c.subject == bindparam("about"), holds.c.kind == bindparam("sort"), holds.c.state == OPEN)
    .with_for_update()
)
_LOCK = select(holds).where(holds.c.id == bindparam("hold")).with_for_update()
_GET = select(holds).where(holds.c.id == bindparam("hold"))
_ADD = insert(holds).returning(holds.c.id)
_DUE = (
    select(holds.c.id)
    .where(holds.c.state == OPEN, holds.c.due_at <= bindparam("now"))
    .order_by(holds.c.due_at, holds.c.id)
    .limit(bindparam("limit"))
)
_NEXT = select(func.min(holds.c.due_at)).where(holds.c.state == OPEN)
_MAILS = (
    select(held_mails.c.ticket_id.label("held_ticket"), held_mails.c.shown, *journal.c)
    .join(journal, journal.c.id == held_mails.c.journal_id)
    .where(held_mails.c.hold_id == bindparam("hold"))
    .order_by(journal.c.id)
)
_JOIN = keep_first(held_mails)
_SHOW = update(held_mails).where(held_mails.c.hold_id == bindparam("hold")).values(shown=True)
_OF_MAIL = (
    select(holds.c.id)
    .join(held_mails, held_mails.c.hold_id == holds.c.id)
    .where(held_mails.c.journal_id == bindparam("mail"), holds.c.kind == bindparam("sort"))
    .order_by(holds.c.id.desc())
    .limit(1)
)
_HAS_PART = select(exists().where(participants.c.address == bindparam("key")))


def find_open_hold(connection: Connection, kind: str, subject: str) -> Row[Any] | None:
    """The open hold about somebody, locked; until this transaction ends, nobody else opens one."""
    take_turn(connection, f"hold {kind} {subject}")
    return connection.execute(_OPEN, {"sort": kind, "about": subject}).first()


def open_hold(
    connection: Connection, kind: str, subject: str, asked: str, queue: str, now: datetime, due_at: datetime
) -> Row[Any]:
    """A new question about `subject` to `asked`; it was not asked yet."""
    values = {
        "kind": kind, "subject": subject, "asked": asked, "queue": queue, "created_at": now, "due_at": due_at,
    }  # fmt: skip
    number = connection.execute(_ADD, values).scalar_one()
    return connection.execute(_GET, {"hold": number}).one()


def get_hold(connection: Connection, number: int) -> Row[Any] | None:
    """A hold as it stands, not locked."""
    return connection.execute(_GET, {"hold": number}).first()


def lock_hold(connection: Connection, number: int) -> Row[Any] | None:
    """A hold that nobody else changes until this transaction ends."""
    return connection.execute(_LOCK, {"hold": number}).first()


def hold_mail(connection: Connection, number: int, journal_id: int, ticket_id: int | None) -> None:
    """Let a mail of the journal wait for a hold's answer; one that waits already does so once."""
    values = {"hold_id": number, "journal_id": journal_id, "ticket_id": ticket_id}
    connection.execute(for_engine(_JOIN, connection), values)


def list_held(connection: Connection, number: int) -> Sequence[Row[Any]]:
    """The rows of the journal that wait for a hold, in the order in which they came, each with its ticket and whether
    a question has shown it."""
    return connection.execute(_MAILS, {"hold": number}).all()


def note_asking(connection: Connection, hold: Row[Any], due_at: datetime) -> None:
    """The question goes out once more, and shows every mail that waits for it."""
    asked = update(holds).where(holds.c.id == hold.id)
    connection.execute(asked.values(askings=hold.askings + 1, due_at=due_at))
    connection.execute(_SHOW, {"hold": hold.id})


def end_hold(connection: Connection, number: int, state: str, by: str = "") -> None:
    """No further answer counts."""
    connection.execute(update(holds).where(holds.c.id == number).values(state=state, answered_by=by))


def move_held(connection: Connection, journal_ids: Sequence[int], old: int, new: int) -> None:
    """Let mails wait for another hold's answer."""
    of_old = held_mails.c.hold_id == old, held_mails.c.journal_id.in_(journal_ids)
    connection.execute(update(held_mails).where(*of_old).values(hold_id=new))


def release_mails(connection: Connection, journal_ids: Sequence[int], now: datetime, **values: object) -> None:
    """Put mails that waited back into the journal, to be worked off as if they came now."""
    again = {
        "state": WAITING, "due_at": now, "attempts": 0, "leased_until": None, "created_at": now, "ticket_id": None,
        "outcome": "", "last_error": "",
    }  # fmt: skip
    waiting = journal.c.id.in_(journal_ids), journal.c.state == DONE
    connection.execute(update(journal).where(*waiting).values({**again, **values}))


def note_outcome(connection: Connection, journal_ids: Sequence[int], outcome: str, *, ignored: bool = False) -> None:
    """What became of mails that waited, and are not to be worked off; `ignored` ones can be put back by hand."""
    values: dict[str, object] = {"outcome": outcome}
    if ignored:
        values |= {"state": IGNORED, "last_error": outcome}
    connection.execute(update(journal).where(journal.c.id.in_(journal_ids)).values(values))


def hold_of(connection: Connection, journal_id: int, kind: str) -> int | None:
    """The newest hold that a mail has waited for."""
    return connection.execute(_OF_MAIL, {"mail": journal_id, "sort": kind}).scalar()


def list_due_holds(connection: Connection, now: datetime, limit: int) -> Sequence[int]:
    """Open holds that were not answered in time."""
    return connection.execute(_DUE, {"now": now, "limit": limit}).scalars().all()


def next_hold_due(connection: Connection) -> datetime | None:
    """When the next open hold runs out."""
    return connection.execute(_NEXT).scalar()


def had_a_part(connection: Connection, address: str) -> bool:
    """Whether somebody with this address was ever the requester of a ticket or took part in one."""
    return bool(connection.execute(_HAS_PART, {"key": address.casefold()}).scalar())


def put_off(connection: Connection, number: int, due_at: datetime) -> None:
    """Look at an open hold again later."""
    connection.execute(update(holds).where(holds.c.id == number, holds.c.state == OPEN).values(due_at=due_at))
