"""Queries of the reports: the tickets that a period touches, and their histories. Nothing here writes.

These are the tickets with an event in the period and those that were open at its end. A ticket that was merged away is
left out. A year of a large desk is read, so rows are plain: the driver's own values wherever they are what is wanted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    not_,
    select,
    type_coerce,
    union,
)

from mailgate.core.sla.account import SlaEvent
from mailgate.core.workflow.events import Event, State, events_that
from mailgate.store.schema import events, messages, tickets
from mailgate.store.tags import TAGS

_UNCLOSED = tuple(state.value for state in State if state is not State.CLOSED)
_AT_ONCE = 5_000  # rows that are fetched together
_make_event: Callable[[tuple[Any, ...]], SlaEvent] = partial(tuple.__new__, SlaEvent)  # as `_make`, without its check
_DONE = (State.FINALIZING.value, State.CLOSED.value)
# What changes nothing that a report counts: by far not the rarest, and their words may be long. An undo is among them,
# since what it took back did not happen.
_SILENT = tuple(event.value for event in events_that(lambda info: not info.is_reported))
_TICKET: tuple[ColumnElement[Any], ...] = (
    tickets.c.id, tickets.c.reference, tickets.c.queue, tickets.c.type, tickets.c.priority, tickets.c.cause,
    tickets.c.rating_asked, tickets.c.rating, tickets.c.rating_words,
)  # fmt: skip


class ReportedTicket(NamedTuple):
    """A ticket as a report counts it; a tuple, like the values of `core/sla/account`, since there are many.

    All but its history is that of today.
    """

    id: int
    reference: str
    queue: str
    type: str
    priority: str
    cause: str
    rating_asked: bool
    rating: int | None
    rating_words: str
    rated_at: datetime | None
    department: str
    channel: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportWindow:
    """The period of a report, from `begin` up to `end`, and its queues (None: all); `now` is the time of the report."""

    begin: datetime
    end: datetime
    now: datetime
    queues: Collection[str] | None = None


def list_reported(connection: Connection, window: ReportWindow) -> Mapping[int, ReportedTicket]:
    """Finds the tickets that count in a report, by their ids."""
    more = _plain(connection, tickets.c.rated_at), tickets.c.department, tickets.c.channel, TAGS
    query = select(*_TICKET, *more).where(*_counted(window))
    read_time = _time_reader(connection)
    found = {row[0]: ReportedTicket._make(row) for row in connection.execute(query).all()}
    rated = {ticket: one for ticket, one in found.items() if one.rated_at is not None}
    return found | {ticket: one._replace(rated_at=read_time(one.rated_at)) for ticket, one in rated.items()}


def list_histories(
    connection: Connection, window: ReportWindow, reported: Mapping[int, ReportedTicket]
) -> Iterator[tuple[int, list[SlaEvent]]]:
    """The history of each of these tickets up to the end of the window, oldest first.

    What was taken back is left out, and what changes nothing that is counted.
    """
    asked = (
        ()
        if _are_most(connection, reported)
        else (events.c.ticket_id.in_(select(tickets.c.id).where(*_counted(window))),)
    )
    after_the_end = and_(
        events.c.from_state.in_(_DONE), events.c.to_state.in_(_DONE), events.c.event != Event.TIME.value
    )
    query = (
        select(
            events.c.ticket_id, _plain(connection, events.c.at), events.c.event, events.c.from_state, events.c.to_state,
            events.c.by, events.c.row, events.c.text, cast(events.c.facts, String),
        )
        .where(*asked, events.c.at < window.end, events.c.undone.is_(False), events.c.event.not_in(_SILENT))
        .where(not_(after_the_end))
        .order_by(events.c.ticket_id, events.c.id)
    )  # fmt: skip
    read_time, facts = _time_reader(connection), _Facts({None: None})
    found = chain.from_iterable(connection.execute(query).partitions(_AT_ONCE))
    for ticket, rows in groupby(found, key=itemgetter(0)):
        if ticket in reported:
            entries = [
                _make_event((number, read_time(at), event, before, after, by, row, words, False, facts[text]))
                for number, (_, at, event, before, after, by, row, words, text) in enumerate(rows, 1)
            ]
            yield ticket, entries


class _Facts(dict[str | None, Mapping[str, Any] | None]):
    """Cache of facts by their JSON text: few differ, and each occurs often."""

    def __missing__(self, text: str) -> Mapping[str, Any]:
        found: dict[str, Any] = json.loads(text)
        self[text] = found
        return found


def count_mails(
    connection: Connection, window: ReportWindow, reported: Mapping[int, ReportedTicket]
) -> Iterator[tuple[int, int, int]]:
    """Counts the mails of each ticket within the window: yields its id, those that came in, and those that went out."""
    came = func.sum(case((messages.c.direction == "in", 1), else_=0))
    asked = () if _are_most(connection, reported) else (messages.c.ticket_id.in_(_touched(window)),)
    query = (
        select(messages.c.ticket_id, came, func.count())
        .where(*asked, messages.c.at >= window.begin, messages.c.at < window.end)
        .group_by(messages.c.ticket_id)
    )
    for ticket, incoming, all_of_them in connection.execute(query).all():
        if ticket in reported:
            yield ticket, int(incoming), all_of_them - int(incoming)


def list_queues(connection: Connection) -> tuple[str, ...]:
    """The names of all queues that have tickets, those among them that are configured no more."""
    return tuple(connection.execute(select(tickets.c.queue).distinct().order_by(tickets.c.queue)).scalars())


def _counted(window: ReportWindow) -> tuple[ColumnElement[bool], ...]:
    # A union, each part by an index of its own: joined by "or", they make a database look at every ticket.
    parts: list[Select[Any]] = [_touched(window), select(tickets.c.id).where(tickets.c.state.in_(_UNCLOSED))]
    if window.end <= window.now:  # and this one does look at every ticket
        parts.append(select(tickets.c.id).where(tickets.c.closed_at >= window.end))
    counted: list[ColumnElement[bool]] = [tickets.c.merged_into.is_(None), tickets.c.id.in_(union(*parts))]
    if window.queues is not None:
        counted.append(tickets.c.queue.in_(list(window.queues)))
    return tuple(counted)


def _touched(window: ReportWindow) -> Select[Any]:
    return select(events.c.ticket_id).where(events.c.at >= window.begin, events.c.at < window.end)


def _are_most(connection: Connection, reported: Mapping[int, ReportedTicket]) -> bool:
    """Tells whether so many of all tickets count that it is quicker to skip the others than to look each one up."""
    return 2 * len(reported) > connection.execute(select(func.count()).select_from(tickets)).scalar_one()


def _plain(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A time as the driver gives it: `_time_reader` reads it. Text of SQLite gets its zone here, which is quicker."""
    if connection.dialect.name == "sqlite":
        return type_coerce(column, String).concat("+00:00")
    return type_coerce(column, DateTime(timezone=True))


def _time_reader(connection: Connection) -> Callable[[Any], datetime]:
    return datetime.fromisoformat if connection.dialect.name == "sqlite" else _keep_time


def _keep_time(moment: datetime) -> datetime:
    return moment
