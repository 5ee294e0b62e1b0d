"""The event history of tickets: one row for each event, append-only; and the order of messages and events."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Select, bindparam, func, insert, select

from mailgate.core.workflow.events import Event
from mailgate.store.rows import columns_of, make_rows
from mailgate.store.schema import events, tickets
from mailgate.store.write_behind import ReadCache, write_later


class EventRow(NamedTuple):
    """A stored line of a ticket's history: the columns of the table.

    `undone` says that an agent has taken it back. `facts` is what the ticket's promises depend on, where this event
    changed it.
    """

    id: int
    ticket_id: int
    at: datetime
    event: str
    from_state: str | None
    to_state: str
    reason: str
    by: str
    row: str
    text: str
    journal_id: int | None
    undone: bool
    facts: dict[str, Any] | None


class HeldBackNotice(NamedTuple):
    """A notice that a breaker kept from its recipient: `text` is which one, `reason` says which limit."""

    at: datetime
    text: str
    reason: str
    reference: str


# Statements are built once: building one costs more than running it.
_ADD = insert(events)
_LIST = select(*columns_of(events, EventRow)).where(events.c.ticket_id == bindparam("ticket")).order_by(events.c.id)
_LIST_SEVERAL: Select[Any] = (
    select(*columns_of(events, EventRow))
    .where(events.c.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(events.c.id)
)
_EVENTS = ReadCache[int, list[EventRow]](events, of_new=list)
_BEHIND_ALL = 2**62  # behind the ids of all events that are stored
_MERGED = select(tickets.c.id).where(tickets.c.merged_into == bindparam("ticket")).cte("merged", recursive=True)
_MERGED = _MERGED.union(select(tickets.c.id).join(_MERGED, tickets.c.merged_into == _MERGED.c.id))
_LIST_MERGED: Select[Any] = (
    select(*columns_of(events, EventRow)).where(events.c.ticket_id.in_(select(_MERGED.c.id))).order_by(events.c.id)
)
_COUNT = select(func.count()).where(
    events.c.ticket_id == bindparam("ticket"),
    events.c.event == bindparam("name"),
    events.c.by == bindparam("person"),
    events.c.at > bindparam("since"),
)
_HELD_BACK: Select[Any] = (
    select(events.c.at, events.c.text, events.c.reason, tickets.c.reference)
    .select_from(events.join(tickets, tickets.c.id == events.c.ticket_id))
    .where(events.c.event == "breaker", events.c.at >= bindparam("since"))
    .order_by(events.c.at, events.c.id)  # by the index of the times: by the ids alone the whole history would be read
)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One line of a ticket's history, to be added; `facts` as in `EventRow`."""

    at: datetime
    event: str
    from_state: str | None
    to_state: str
    reason: str
    by: str
    row: str = ""
    text: str = ""
    journal_id: int | None = None
    facts: Mapping[str, Any] | None = None


def add_event(connection: Connection, ticket_id: int, event: NewEvent) -> None:
    """Adds an event to the history of a ticket."""
    values: dict[str, Any] = {
        "ticket_id": ticket_id,
        "at": event.at,
        "event": event.event,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "reason": event.reason,
        "by": event.by,
        "row": event.row,
        "text": event.text,
        "journal_id": event.journal_id,
        "facts": event.facts,
    }
    known = _EVENTS.values(connection).pop(ticket_id, None)
    write_later(connection, _ADD, [values], touches=(ticket_id,))
    if known is not None:
        facts = json.loads(json.dumps(event.facts))  # as it will be read
        added = EventRow(_BEHIND_ALL + len(known), **values | {"undone": False, "facts": facts})
        _EVENTS.values(connection)[ticket_id] = [*known, added._replace(at=event.at.astimezone(UTC))]


def list_events(connection: Connection, ticket_id: int) -> list[EventRow]:
    """The history of a ticket, oldest first.

    An event that the transaction at hand has added may have an id that is not its own, behind those of all others.
    """
    return _EVENTS.read(
        connection, ticket_id, lambda: make_rows(EventRow._make, connection.execute(_LIST, {"ticket": ticket_id}))
    )


def prefetch_events(connection: Connection, ticket_ids: Collection[int]) -> None:
    """Reads the histories of tickets for which the transaction will ask, in one statement."""
    found: dict[int, list[EventRow]] = {ticket_id: [] for ticket_id in ticket_ids}
    for row in make_rows(EventRow._make, connection.execute(_LIST_SEVERAL, {"tickets": list(found)})):
        found[row.ticket_id].append(row)
    _EVENTS.values(connection).update(found)


def list_histories(
    connection: Connection, ticket_id: int, own: list[EventRow] | None = None
) -> dict[int, list[EventRow]]:
    """Lists the histories of a ticket and of those that were merged into it, by the ids of the tickets, its own first.

    One statement more where its history has a merge. `own` is the ticket's own where it is known without reading it.
    """
    found = {ticket_id: list_events(connection, ticket_id) if own is None else own}
    if any(row.event == Event.MERGE for row in found[ticket_id]):
        for row in make_rows(EventRow._make, connection.execute(_LIST_MERGED, {"ticket": ticket_id})):
            found.setdefault(row.ticket_id, []).append(row)
    return found


def has_event(connection: Connection, ticket_id: int, event: str, by: str, since: datetime) -> bool:
    """Tells whether this event by this person is in the history after `since`."""
    return count_events(connection, ticket_id, event, by, since) > 0


def count_events(connection: Connection, ticket_id: int, event: str, by: str, since: datetime) -> int:
    """Counts how often this event by this person is in the history after `since`."""
    values = {"ticket": ticket_id, "name": event, "person": by, "since": since}
    return int(connection.execute(_COUNT, values).scalar_one())


def list_held_back(connection: Connection, address: str, since: datetime) -> list[HeldBackNotice]:
    """Lists the notices that a breaker has kept from an address since then, oldest first."""
    rows = make_rows(HeldBackNotice._make, connection.execute(_HELD_BACK, {"since": since}))
    return [row for row in rows if row.reason.startswith(f"{row.text} to {address} not sent: ")]


def list_used(rows: Iterable[EventRow]) -> tuple[str, ...]:
    """Lists the scripts and tools that agents used for a ticket (`#used`), in order, without what was taken back."""
    used = (row for row in rows if row.event == Event.USED and not row.undone and row.text)
    return tuple(dict.fromkeys(row.text for row in used))


class Dated(Protocol):
    """A message or an event with its time and the mail that led to it."""

    @property
    def id(self) -> int: ...

    @property
    def at(self) -> datetime: ...

    @property
    def journal_id(self) -> int | None: ...


class DatedMessage(Dated, Protocol):
    """A message, in or out."""

    @property
    def direction(self) -> str: ...


_M = TypeVar("_M", bound=DatedMessage)
_E = TypeVar("_E", bound=Dated)


def in_order(messages: Sequence[_M], events: Sequence[_E]) -> list[_M | _E]:
    """Sorts messages and events as they came about: a mail, the events that it led to, the notices of these.

    All that one mail led to has its time of receipt. Where two mails have the same, a notice belongs to the mail before
    it. A notice that a mail of no ticket led to (`#show`) stands with its event, and an event of no mail (a refused
    notice) behind the event of the same time that was recorded before it.
    """
    caused: dict[datetime, int] = {}
    keyed: list[tuple[tuple[datetime, int, int, int], _M | _E]] = []
    for event in events:
        caused[event.at] = event.journal_id or caused.get(event.at, 0)
        keyed.append(((event.at, caused[event.at], 1, event.id), event))
    at: datetime | None = None
    cause = 0
    for row in messages:
        if row.direction == "in":
            at, cause = row.at, row.journal_id or 0
        by = cause if row.at == at else caused.get(row.at, 0)
        keyed.append(((row.at, by, 0 if row.direction == "in" else 2, row.id), row))
    return [row for _, row in sorted(keyed, key=lambda one: one[0])]
