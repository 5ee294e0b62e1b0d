"""The last step of a ticket that an agent's mail made: what it replaced, and whether that can come back.

One row for each ticket, written over by the next step. Whatever else happens to the ticket counts its version on, by
which everybody sees that the step is not the last one any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from mailgate.store.conflicts import for_engine, overwrite
from mailgate.store.queue import DONE, WAITING
from mailgate.store.schema import events, links, messages, outbox, participants, steps
from mailgate.store.tickets import Ticket
from mailgate.store.timers import running_timers

_COLUMNS = tuple(column.name for column in steps.columns)
_KEEP = overwrite(steps, ["ticket_id"], [name for name in _COLUMNS if name != "ticket_id"])
_GET = select(steps).where(steps.c.ticket_id == bindparam("ticket"))
_MOMENTS = frozenset(field.name for field in fields(Ticket) if "datetime" in str(field.type))
_NEVER_BACK = frozenset({"notices", "version"})  # tokens are signed for numbers: none is given twice


@dataclass(frozen=True, slots=True)
class Standing:
    """What a step of a ticket may replace, as it was before it; `last_event` and `last_notice` are numbers."""

    timers: Mapping[str, str]
    people: Sequence[Sequence[str]]
    links: Sequence[Sequence[Any]]
    last_event: int
    last_notice: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step as kept. `before` has the columns that it changed, times as text; `final` says why it must stay."""

    ticket_id: int
    version: int
    at: datetime
    by: str
    orders: Sequence[str]
    before: Mapping[str, Any]
    timers: Mapping[str, str]
    people: Sequence[Sequence[str]]
    links: Sequence[Sequence[Any]]
    last_event: int
    last_notice: int
    final: str = ""


def note_standing(connection: Connection, ticket: Ticket) -> Standing:
    """How a ticket stands beside its own row, before a step."""
    timers = {row.name: row.due_at.isoformat() for row in running_timers(connection, ticket.id)}
    people = connection.execute(
        select(participants.c.address, participants.c.name).where(participants.c.ticket_id == ticket.id)
    )
    linked = connection.execute(select(links.c.other_id, links.c.kind).where(links.c.ticket_id == ticket.id))
    last = connection.execute(select(func.max(events.c.id)).where(events.c.ticket_id == ticket.id)).scalar()
    return Standing(timers, [list(row) for row in people], [list(row) for row in linked], last or 0, ticket.notices)


def keep_step(
    connection: Connection,
    was: Ticket,
    now: Ticket,
    standing: Standing,
    at: datetime,
    by: str,
    orders: Sequence[str],
    final: str = "",
) -> None:
    """Remember a step from `was` to `now`."""
    changed = (name for name in _names() if getattr(was, name) != getattr(now, name))
    before = {name: _plain(getattr(was, name)) for name in changed if name not in _NEVER_BACK}
    values = {"ticket_id": was.id, "version": now.version, "at": at, "by": by.casefold(), "orders": list(orders)}
    values |= {"before": before, "final": final, **asdict(standing)}
    connection.execute(for_engine(_KEEP, connection), values)


def keep_undoable(connection: Connection, was: Ticket, now: Ticket) -> None:
    """What only asked how the ticket stands has changed nothing: a step that was the last one is that still."""
    same = steps.c.ticket_id == was.id, steps.c.version == was.version
    connection.execute(update(steps).where(*same).values(version=now.version))


def find_step(connection: Connection, ticket_id: int) -> Step | None:
    """The last step that an agent's mail made."""
    row = connection.execute(_GET, {"ticket": ticket_id}).mappings().first()
    return Step(**row) if row is not None else None


def find_sent(connection: Connection, step: Step, harmless: Iterable[str]) -> Sequence[str]:
    """To whom a step's notices have left, or may be leaving; the `harmless` kinds aside."""
    left = or_(outbox.c.state != WAITING, outbox.c.attempts > 0, outbox.c.leased_until.is_not(None))
    query = select(outbox.c.recipient).where(*_notices_of(step), left, outbox.c.notice.not_in(list(harmless)))
    return connection.execute(query.order_by(outbox.c.id)).scalars().all()


def restore(connection: Connection, ticket: Ticket, step: Step) -> Ticket:
    """Everything beside the ticket's row and its timers as it was before the step; the ticket as it stood."""
    _withdraw_notices(connection, step)
    connection.execute(delete(participants).where(participants.c.ticket_id == ticket.id))
    people = [{"ticket_id": ticket.id, "address": address, "name": name} for address, name in step.people]
    if people:
        connection.execute(insert(participants), people)
    connection.execute(delete(links).where(links.c.ticket_id == ticket.id))
    linked = [{"ticket_id": ticket.id, "other_id": other, "kind": kind} for other, kind in step.links]
    if linked:
        connection.execute(insert(links), linked)
    taken_back = events.c.ticket_id == ticket.id, events.c.id > step.last_event, events.c.event != "undo"
    connection.execute(update(events).where(*taken_back).values(undone=True))
    connection.execute(delete(steps).where(steps.c.ticket_id == ticket.id))
    return replace(ticket, **{name: _rich(name, value) for name, value in step.before.items()})


def _withdraw_notices(connection: Connection, step: Step) -> None:
    """What has not left stays here: it is done with, and no record says that it was sent."""
    waiting = outbox.c.state == WAITING, outbox.c.attempts == 0
    stopped = update(outbox).where(*_notices_of(step), *waiting).values(state=DONE, last_error="taken back")
    ids = connection.execute(stopped.returning(outbox.c.message_id)).scalars().all()
    if ids:
        unsent = messages.c.ticket_id == step.ticket_id, messages.c.message_id.in_(ids)
        connection.execute(delete(messages).where(*unsent))


def _notices_of(step: Step) -> tuple[Any, ...]:
    return outbox.c.ticket_id == step.ticket_id, outbox.c.number > step.last_notice


def _names() -> Sequence[str]:
    return [field.name for field in fields(Ticket)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _rich(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _MOMENTS and isinstance(value, str) else value
