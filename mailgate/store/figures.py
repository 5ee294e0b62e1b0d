"""Figures of a period for the report: what came in, what was solved, and how long it took. Nothing here writes.

Counted by what stands in tickets and their history; what an agent took back is left out, and so is a ticket that was
merged away. Times are clock time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from mailgate.process.events import LEVELS, Event, State
from mailgate.store.schema import events, tickets

_LEVELS = tuple(level.value for level in LEVELS)
_AFTER = (State.CONFIRMING.value, State.FINALIZING.value, State.CLOSED.value)
_OPEN = (*_LEVELS, State.CONFIRMING.value)
_UP = {("level1", "level2"), ("level1", "level3"), ("level2", "level3")}
_YES = (Event.SAID_YES.value, Event.SAID_YES_AND_MORE.value)

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Counted:
    """Figures by (queue, level); a level of "" is the whole queue."""

    new: dict[str, int]
    resolved: dict[Place, int]
    confirmed: dict[str, int]
    reopened: dict[str, int]
    escalated: dict[Place, int]
    open: dict[Place, int]
    overdue: dict[Place, int]
    first_answer: dict[str, int]
    resolution: dict[str, int]


def count_figures(connection: Connection, queues: Collection[str], begin: datetime, end: datetime) -> Counted:
    """The figures of these queues from `begin` to `end`; open and overdue is what there is at the end."""
    kept = tickets.c.queue.in_(list(queues)), tickets.c.merged_into.is_(None)
    came = tickets.c.created_at > begin, tickets.c.created_at <= end
    created = select(tickets.c.queue, func.count()).where(*kept, *came).group_by(tickets.c.queue)
    late = case((tickets.c.promise_due < end, 1), else_=0)
    running = case((tickets.c.waiting_since.is_(None) & tickets.c.state.in_(_LEVELS), late), else_=0)
    standing = (
        select(tickets.c.queue, tickets.c.level, func.count(), func.sum(running))
        .where(*kept, tickets.c.state.in_(_OPEN))
        .group_by(tickets.c.queue, tickets.c.level)
    )
    rows = connection.execute(standing).all()
    return Counted(
        new={queue: int(count) for queue, count in connection.execute(created)},
        **_measure_times(connection, kept, begin, end),
        **_count_moves(connection, kept, begin, end),
        open={(queue, level): int(count) for queue, level, count, _ in rows},
        overdue={(queue, level): int(count or 0) for queue, level, _, count in rows},
    )


def _count_moves(
    connection: Connection, kept: tuple[ColumnElement[bool], ...], begin: datetime, end: datetime
) -> dict[str, Any]:
    """What the history says: solutions given, confirmed and failed, and escalations, by the level that it left."""
    query = (
        select(tickets.c.queue, events.c.event, events.c.from_state, events.c.to_state, func.count())
        .select_from(events.join(tickets, tickets.c.id == events.c.ticket_id))
        .where(*kept, events.c.at > begin, events.c.at <= end, events.c.undone.is_(False))
        .where(events.c.from_state != events.c.to_state)
        .group_by(tickets.c.queue, events.c.event, events.c.from_state, events.c.to_state)
    )
    resolved: dict[Place, int] = {}
    escalated: dict[Place, int] = {}
    confirmed: dict[str, int] = {}
    reopened: dict[str, int] = {}
    for queue, event, before, after, count in connection.execute(query):
        if event == Event.RESOLVE.value and before in _LEVELS:
            resolved[queue, before] = resolved.get((queue, before), 0) + count
        if (before, after) in _UP:
            escalated[queue, before] = escalated.get((queue, before), 0) + count
        if event in _YES and before == State.CONFIRMING.value:
            confirmed[queue] = confirmed.get(queue, 0) + count
        if before in _AFTER and after in _LEVELS:
            reopened[queue] = reopened.get(queue, 0) + count
    return {"resolved": resolved, "escalated": escalated, "confirmed": confirmed, "reopened": reopened}


def _measure_times(
    connection: Connection, kept: tuple[ColumnElement[bool], ...], begin: datetime, end: datetime
) -> dict[str, Any]:
    """The medians of the minutes from the request to what was done within the period, by queue: one look at the
    tickets for both, since it reads every one of them."""
    marks = tickets.c.answered_at, tickets.c.resolved_at
    within = [and_(mark > begin, mark <= end) for mark in marks]
    query = select(tickets.c.queue, tickets.c.created_at, *within, *marks).where(*kept, or_(*within))
    first: dict[str, list[float]] = {}
    whole: dict[str, list[float]] = {}
    for queue, created, is_answered, is_resolved, answered_at, resolved_at in connection.execute(query):
        if is_answered:
            first.setdefault(queue, []).append((answered_at - created).total_seconds() / 60)
        if is_resolved:
            whole.setdefault(queue, []).append((resolved_at - created).total_seconds() / 60)
    return {"first_answer": _medians(first), "resolution": _medians(whole)}


def _medians(minutes: dict[str, list[float]]) -> dict[str, int]:
    return {queue: round(median(found)) for queue, found in minutes.items()}
