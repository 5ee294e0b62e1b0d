"""Worklists: the tickets of an agent or a level, for the digest and the answers to `#list`. Reads only.

Each function takes `places`, the (queue, level) pairs to look at, and `most`, how many tickets to name; it gives a
`Worklist` with the first of them, what is due soonest first, and how many there are in all:

    list_assigned(connection, places, address, most, since)   to an agent, the solution not yet confirmed
    list_at(connection, places, most)                   all that those levels have to do
    list_open(connection, places, most)                 all that is not finished, solutions to be confirmed too
    list_unassigned(connection, places, most)           at that level, and nobody's
    list_breaching(connection, places, now, most)       the promise over, or within the share that is warned of
    list_due(connection, places, now, until, most)      the promise ends before then, and is not breaching
    list_waiting(connection, places, most)              for the requester, or for a third party
    list_fresh(connection, places, most, since)         at that level, and nobody there has taken or answered it
    list_put_off(connection, places, most)              out of sight until later
    list_tagged(connection, places, tag, most)          not finished, with this tag

    list_undecided(connection)                          where the requester did not answer, and a level was asked

`since` leaves only the tickets that came to their level since then; None for all.

What is put off until later is left out of the others, but for `list_open` and for promises that end: breaching and due.
Merged tickets are nobody's work. Without places the list is empty.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from mailgate.core.domains import fold_address
from mailgate.core.workflow.effects import Timer
from mailgate.core.workflow.events import LEVEL_NAMES, Event, State
from mailgate.store.schema import events, tickets, timers
from mailgate.store.tags import TAGS, has_tag

Places = Collection[tuple[str, str]]
_NOT_DONE = (*LEVEL_NAMES, State.CONFIRMING.value)


@dataclass(frozen=True, slots=True)
class Listed:
    """Ticket in a list; the fields are columns of the table, and its tags."""

    id: int
    reference: str
    subject: str
    requester: str
    requester_name: str
    queue: str
    level: str
    state: str
    priority: str
    assignee: str
    created_at: datetime
    promise_due: datetime | None
    waiting_since: datetime | None
    waits_for: str
    hidden_until: datetime | None
    tags: tuple[str, ...]

    @property
    def due(self) -> datetime | None:
        """Deadline of the level that has the ticket; None where none has it, or the clock is paused for a question."""
        return self.promise_due if self.state in LEVEL_NAMES and self.waiting_since is None else None


@dataclass(frozen=True, slots=True)
class Worklist:
    """First tickets of a list, and how many it has."""

    tickets: tuple[Listed, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.tickets)


COLUMNS = tuple(TAGS if field.name == "tags" else tickets.c[field.name] for field in fields(Listed))


_WAITS = or_(tickets.c.waiting_since.is_not(None), tickets.c.waits_for != "")
_IN_SIGHT = tickets.c.hidden_until.is_(None)


def list_assigned(
    connection: Connection,
    places: Places,
    address: str,
    most: int,
    since: datetime | None = None,
    *,
    put_off: bool = False,
    unanswered: bool = False,
) -> Worklist:
    """Lists an agent's tickets, with `put_off` those as well that are out of sight.

    `unanswered` leaves out those on which the agent has worked since they came to their level.
    """
    key, last = fold_address(address), tickets.c.last_agent_at
    theirs = func.lower(tickets.c.assignee) == key
    answered = and_(func.lower(tickets.c.last_agent) == key, last.is_not(None), last >= tickets.c.level_since)
    sight = () if put_off else (_IN_SIGHT,)
    known = (~answered,) if unanswered else ()
    return _list(connection, places, most, _are_in(_NOT_DONE), theirs, *sight, *known, *_came(since))


def list_at(connection: Connection, places: Places, most: int) -> Worklist:
    return _list(connection, places, most, _are_in(LEVEL_NAMES), _IN_SIGHT)


def list_open(connection: Connection, places: Places, most: int) -> Worklist:
    return _list(connection, places, most, _are_in(_NOT_DONE))


def list_tagged(connection: Connection, places: Places, tag: str, most: int) -> Worklist:
    return _list(connection, places, most, _are_in(_NOT_DONE), has_tag(tag))


def list_unassigned(connection: Connection, places: Places, most: int) -> Worklist:
    return _list(connection, places, most, _are_in(LEVEL_NAMES), _IN_SIGHT, tickets.c.assignee == "")


def list_breaching(connection: Connection, places: Places, now: datetime, most: int) -> Worklist:
    return _list(connection, places, most, _are_in(LEVEL_NAMES), tickets.c.waiting_since.is_(None), _breach(now))


def list_due(connection: Connection, places: Places, now: datetime, until: datetime, most: int) -> Worklist:
    soon = tickets.c.promise_due <= until, ~_breach(now)
    return _list(connection, places, most, _are_in(LEVEL_NAMES), tickets.c.waiting_since.is_(None), *soon)


def list_waiting(connection: Connection, places: Places, most: int) -> Worklist:
    return _list(connection, places, most, _are_in(LEVEL_NAMES), _IN_SIGHT, _WAITS)


def list_put_off(connection: Connection, places: Places, most: int) -> Worklist:
    return _list(connection, places, most, _are_in(LEVEL_NAMES), tickets.c.hidden_until.is_not(None))


def list_fresh(connection: Connection, places: Places, most: int, since: datetime | None = None) -> Worklist:
    last, came = tickets.c.last_agent_at, tickets.c.level_since
    untouched = tickets.c.assignee == "", ~_waits_here(), or_(last.is_(None), last < came)
    return _list(connection, places, most, _are_in(LEVEL_NAMES), _IN_SIGHT, *untouched, *_came(since))


def _waits_here() -> ColumnElement[bool]:
    """Condition that the ticket waits since its level ordered it, and not by an order of a level that had it before."""
    ordered = exists().where(
        timers.c.ticket_id == tickets.c.id,
        timers.c.name == Timer.THIRD_PARTY.value,
        timers.c.created_at >= tickets.c.level_since,
    )
    return or_(tickets.c.waiting_since.is_not(None), and_(tickets.c.waits_for != "", ordered))


def _came(since: datetime | None) -> tuple[ColumnElement[bool], ...]:
    return () if since is None else (tickets.c.level_since >= since,)


SILENCES = (Event.DECISION_DUE, Event.WAITING_DECISION_DUE)
"""The events by which a level, and at last the manager, is asked what to do about a requester who does not answer."""


class UndecidedRow(NamedTuple):
    """Ticket about whose silence a level was asked: the event that last asked, and the row of transitions."""

    ticket_id: int
    at: datetime
    event: str
    row: str


def list_undecided(connection: Connection) -> list[UndecidedRow]:
    """Lists the tickets whose requester has not answered since a timer asked the level what to do, oldest first.

    A ticket that was put off meanwhile is left out until it is back.
    """
    asked = [one.value for one in SILENCES]
    each = events.alias()
    newest = select(func.max(each.c.id)).where(each.c.ticket_id == tickets.c.id, each.c.event.in_(asked))
    confirming = and_(tickets.c.state == State.CONFIRMING.value, events.c.at >= tickets.c.confirm_at)
    waiting = and_(_are_in(LEVEL_NAMES), events.c.at >= tickets.c.waiting_since)  # null while the clock runs
    query = (
        select(events.c.ticket_id, events.c.at, events.c.event, events.c.row)
        .join(tickets, tickets.c.id == events.c.ticket_id)
        .where(
            _are_in(_NOT_DONE),
            tickets.c.questions > 0,
            _IN_SIGHT,
            tickets.c.merged_into.is_(None),
            events.c.to_state == tickets.c.state,
            events.c.id == newest.scalar_subquery(),
            or_(confirming, waiting),
        )
        .order_by(events.c.id)
    )
    return [UndecidedRow(*row) for row in connection.execute(query)]


def _are_in(states: Collection[str]) -> ColumnElement[bool]:
    return tickets.c.state.in_(states)


def _breach(now: datetime) -> ColumnElement[bool]:
    """Condition that the promise is over, or that its warning was due.

    The warning is the timer of this stay at the level, whether it fired or was stopped by a pause that did not set it
    anew. The promise is over as `core.sla.terms.is_overdue` has it.
    """
    warned = exists().where(
        timers.c.ticket_id == tickets.c.id,
        timers.c.name == Timer.WARNING.value,
        timers.c.created_at >= tickets.c.level_since,
        timers.c.due_at <= now,
    )
    return and_(tickets.c.promise_due.is_not(None), or_(tickets.c.promise_due <= now, warned))


def _list(connection: Connection, places: Places, most: int, *where: ColumnElement[bool]) -> Worklist:
    if not places:
        return Worklist((), 0)
    here = or_(*(and_(tickets.c.queue == queue, tickets.c.level == level) for queue, level in places))
    found = (*where, here, tickets.c.merged_into.is_(None))
    # The first ones and their number apart: counted beside the rows, every row would be built before one is given.
    query = (
        select(*COLUMNS)
        .where(*found)
        .order_by(tickets.c.promise_due.is_(None), tickets.c.promise_due, tickets.c.id)
        .limit(most)
    )
    rows = tuple(Listed(*row) for row in connection.execute(query))
    if len(rows) < most:
        return Worklist(rows, len(rows))
    total = connection.execute(select(func.count()).select_from(tickets).where(*found)).scalar_one()
    return Worklist(rows, int(total))
