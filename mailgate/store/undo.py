"""Undo steps: the last step of a ticket that an agent's mail made, with the state that it replaced.

One row for each ticket, overwritten by the next step. Every other change of the ticket increments its version, which
shows that the step is no longer the last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from mailgate.core.domains import fold_address
from mailgate.store.approvals import take_back_approvals
from mailgate.store.people import get_contact, list_participants, note_contact
from mailgate.store.schema import (
    events,
    links,
    message_ids,
    messages,
    outbox,
    participants,
    steps,
    ticket_articles,
)
from mailgate.store.tickets import Ticket
from mailgate.store.timers import running_timers
from mailgate.store.upsert import for_engine, overwrite
from mailgate.store.work_queue import CANCELLED, WAITING

_COLUMNS = tuple(column.name for column in steps.columns)
_KEEP = overwrite(steps, ["ticket_id"], [name for name in _COLUMNS if name != "ticket_id"])
_GET = select(steps).where(steps.c.ticket_id == bindparam("ticket"))
_LINKS = select(links.c.other_id, links.c.kind).where(links.c.ticket_id == bindparam("ticket"))
_LAST_EVENT = select(func.max(events.c.id)).where(events.c.ticket_id == bindparam("ticket"))
_KEEP_UNDOABLE = (
    update(steps)
    .where(steps.c.ticket_id == bindparam("ticket"), steps.c.version == bindparam("old"))
    .values(version=bindparam("new"))
)
_NAMES = tuple(field.name for field in fields(Ticket))
_MOMENTS = frozenset(field.name for field in fields(Ticket) if "datetime" in str(field.type))
_NEVER_BACK = frozenset({"notices", "version"})  # tokens are signed for numbers: none is given twice


@dataclass(frozen=True, slots=True)
class UndoableState:
    """State of a ticket beside its own row before a step; `event_before` and `notice_before` are numbers."""

    timers: Mapping[str, str]
    people: Sequence[Sequence[str]]
    links: Sequence[Sequence[Any]]
    contact: Mapping[str, bool]
    event_before: int
    notice_before: int


_STANDING = tuple(field.name for field in fields(UndoableState))


@dataclass(frozen=True, slots=True)
class UndoStep:
    """A step as kept. `before` has the columns that it changed, times as text; `final` says why it must stay."""

    ticket_id: int
    version: int
    at: datetime
    by: str
    events: Sequence[str]
    before: Mapping[str, Any]
    timers: Mapping[str, str]
    people: Sequence[Sequence[str]]
    links: Sequence[Sequence[Any]]
    contact: Mapping[str, bool]
    event_before: int
    last_event: int
    notice_before: int
    last_notice: int
    final: str = ""


def read_undoable_state(connection: Connection, ticket: Ticket) -> UndoableState:
    """How a ticket stands beside its own row, before a step."""
    timers = {row.name: row.due_at.isoformat() for row in running_timers(connection, ticket.id)}
    linked = connection.execute(_LINKS, {"ticket": ticket.id})
    contact = get_contact(connection, ticket.requester)
    known = {name: contact is not None and bool(getattr(contact, name)) for name in ("known", "blocked")}
    people = list_participants(connection, ticket.id)
    here = [[row.address, row.name, "" if row.left_at is None else row.left_at.isoformat()] for row in people]
    return UndoableState(
        timers, here, [list(row) for row in linked], known, _last_event(connection, ticket.id), ticket.notices,
    )  # fmt: skip


def keep_step(
    connection: Connection,
    was: Ticket,
    now: Ticket,
    standing: UndoableState,
    at: datetime,
    by: str,
    happened: Sequence[str],
    final: str = "",
) -> None:
    """Remembers a step from `was` to `now`, whose notices and events are written."""
    changed = (name for name in _NAMES if getattr(was, name) != getattr(now, name))
    before = {name: _plain(getattr(was, name)) for name in changed if name not in _NEVER_BACK}
    values = {"ticket_id": was.id, "version": now.version, "at": at, "by": fold_address(by), "events": list(happened)}
    values |= {"before": before, "final": final, **{name: getattr(standing, name) for name in _STANDING}}
    values |= {"last_event": _last_event(connection, was.id), "last_notice": now.notices}
    connection.execute(for_engine(_KEEP, connection), values)


def keep_undoable(connection: Connection, was: Ticket, now: Ticket) -> None:
    """Keeps a step undoable after a mail that changed nothing, such as a question."""
    connection.execute(_KEEP_UNDOABLE, {"ticket": was.id, "old": was.version, "new": now.version})


def find_step(connection: Connection, ticket_id: int) -> UndoStep | None:
    """The last step that an agent's mail made."""
    row = connection.execute(_GET, {"ticket": ticket_id}).mappings().first()
    return UndoStep(**row) if row is not None else None


def find_sent(connection: Connection, step: UndoStep, harmless: Iterable[str]) -> list[tuple[str, str]]:
    """Lists a step's notices that have left, or may be leaving, each with its recipient; the `harmless` kinds aside.

    While this transaction lasts, no courier takes one of them.
    """
    mine = _notices_of(step)
    connection.execute(select(outbox.c.id).where(*mine).order_by(outbox.c.id).with_for_update())
    left = or_(outbox.c.state != WAITING, outbox.c.attempts > 0, outbox.c.leased_until.is_not(None))
    query = select(outbox.c.notice, outbox.c.recipient).where(*mine, left, outbox.c.notice.not_in(list(harmless)))
    return [(row.notice, row.recipient) for row in connection.execute(query.order_by(outbox.c.id))]


def restore(connection: Connection, ticket: Ticket, step: UndoStep) -> Ticket:
    """Restores all but the ticket's row and its timers to before the step; returns the ticket as it stood."""
    _withdraw_notices(connection, step)
    before = replace(ticket, **{name: _rich(name, value) for name, value in step.before.items()})
    left = {row.address: row.left_at for row in list_participants(connection, ticket.id)}  # also since the step
    connection.execute(delete(participants).where(participants.c.ticket_id == ticket.id))
    people = [
        {
            "ticket_id": ticket.id,
            "address": address,
            "name": name,
            "left_at": datetime.fromisoformat(had_left[0]) if any(had_left) else left.get(address),
        }
        for address, name, *had_left in step.people
    ]
    if people:
        connection.execute(insert(participants), people)
    connection.execute(delete(links).where(links.c.ticket_id == ticket.id))
    linked = [{"ticket_id": ticket.id, "other_id": other, "kind": kind} for other, kind in step.links]
    if linked:
        connection.execute(insert(links), linked)
    given = ticket_articles.c.ticket_id == ticket.id, ticket_articles.c.at == step.at
    connection.execute(delete(ticket_articles).where(*given))
    note_contact(connection, before.requester, **step.contact)
    take_back_approvals(connection, ticket.id, step.notice_before, step.at)
    ours = events.c.id > step.event_before, events.c.id <= step.last_event
    connection.execute(update(events).where(events.c.ticket_id == ticket.id, *ours).values(undone=True))
    connection.execute(delete(steps).where(steps.c.ticket_id == ticket.id))
    return before


def _withdraw_notices(connection: Connection, step: UndoStep) -> None:
    """Withdraws the notices that were not sent: no record says that they were sent or seen."""
    waiting = outbox.c.state == WAITING, outbox.c.attempts == 0
    stopped = update(outbox).where(*_notices_of(step), *waiting).values(state=CANCELLED, last_error="taken back")
    ids = connection.execute(stopped.returning(outbox.c.message_id)).scalars().all()
    for table in (messages, message_ids) if ids else ():
        unsent = table.c.ticket_id == step.ticket_id, table.c.message_id.in_(ids)
        connection.execute(delete(table).where(*unsent))


def _notices_of(step: UndoStep) -> tuple[Any, ...]:
    mine = outbox.c.number > step.notice_before, outbox.c.number <= step.last_notice
    return (outbox.c.ticket_id == step.ticket_id, *mine)


def _last_event(connection: Connection, ticket_id: int) -> int:
    return int(connection.execute(_LAST_EVENT, {"ticket": ticket_id}).scalar() or 0)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _rich(name: str, value: Any) -> Any:
    if name == "tags":
        return tuple(value)
    return datetime.fromisoformat(value) if name in _MOMENTS and isinstance(value, str) else value
