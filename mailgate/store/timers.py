"""The timers of tickets: one row per ticket and name, in a work queue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Update, bindparam, select, update

from mailgate.store.announcements import note_new_work
from mailgate.store.rows import columns_of
from mailgate.store.schema import timers
from mailgate.store.upsert import for_engine, overwrite
from mailgate.store.work_queue import CANCELLED, WAITING, finish_later, take
from mailgate.store.write_behind import ReadCache, write_later


class TimerRow(NamedTuple):
    """A row of the timers: the columns of the table, in their order."""

    id: int
    state: str
    due_at: datetime
    attempts: int
    leased_until: datetime | None
    last_error: str
    created_at: datetime
    ticket_id: int
    name: str


class RunningTimer(NamedTuple):
    """A timer of a ticket that runs, and when it is due."""

    name: str
    due_at: datetime


# Statements are built once: building one costs more than running it.
_FRESH: dict[str, object] = {"state": WAITING, "attempts": 0, "leased_until": None, "last_error": ""}
_START = overwrite(timers, ["ticket_id", "name"], [*_FRESH, "due_at", "created_at"])
_RUNNING = timers.c.ticket_id == bindparam("ticket"), timers.c.state == WAITING
_STOP_ALL = update(timers).where(*_RUNNING).values(state=CANCELLED, leased_until=None)
_LIST: Select[Any] = (
    select(timers.c.ticket_id, *columns_of(timers, RunningTimer))
    .where(timers.c.ticket_id.in_(bindparam("tickets", expanding=True)), timers.c.state == WAITING)
    .order_by(timers.c.due_at)
)
_RUNNING_TIMERS = ReadCache[int, dict[str, datetime]](timers, of_new=dict)


def start_timers(connection: Connection, ticket_id: int, dues: Mapping[str, datetime], now: datetime) -> None:
    """Starts timers by their names, or restarts them."""
    rows = [
        {"ticket_id": ticket_id, "name": name, "due_at": due_at, "created_at": now, **_FRESH}
        for name, due_at in dues.items()
    ]
    running = _RUNNING_TIMERS.values(connection).pop(ticket_id, None)
    note_new_work(connection, timers)
    write_later(connection, for_engine(_START, connection), rows, touches=(ticket_id,))
    if running is not None:
        running.update({name: due_at.astimezone(UTC) for name, due_at in dues.items()})
        _RUNNING_TIMERS.values(connection)[ticket_id] = running


def stop_timers(connection: Connection, ticket_id: int, names: Collection[str] | None = None) -> None:
    """Cancels the running timers of those names, or all of a ticket."""
    running = _RUNNING_TIMERS.values(connection).pop(ticket_id, None)
    values: dict[str, object] = {"ticket": ticket_id}
    if names is None:
        write_later(connection, _STOP_ALL, [values], touches=(ticket_id,))
    elif names:
        values |= {f"name{at}": name for at, name in enumerate(names)}
        write_later(connection, _stop(len(names)), [values], touches=(ticket_id,))
    if running is not None:
        kept = {} if names is None else {name: due_at for name, due_at in running.items() if name not in names}
        _RUNNING_TIMERS.values(connection)[ticket_id] = kept


def finish_timer(connection: Connection, row: TimerRow) -> None:
    """Ends a timer that fires with this transaction, which raises LostLease at its end where the lease was lost."""
    running = _RUNNING_TIMERS.values(connection).pop(row.ticket_id, None)
    finish_later(connection, timers, row, touches=(row.ticket_id,))
    if running is not None:
        running.pop(row.name, None)
        _RUNNING_TIMERS.values(connection)[row.ticket_id] = running


@cache
def _stop(count: int) -> Update:
    """Cancels the running timers of so many names: rows of one statement have the same number of values."""
    return _STOP_ALL.where(timers.c.name.in_([bindparam(f"name{at}") for at in range(count)]))


def take_timers(connection: Connection, now: datetime, limit: int, lease: timedelta) -> list[TimerRow]:
    """Leases due timers, oldest first."""
    return [TimerRow._make(row) for row in take(connection, timers, now, limit, lease)]


def running_timers(connection: Connection, ticket_id: int) -> list[RunningTimer]:
    """The timers of a ticket that still run, next one first."""
    running = _RUNNING_TIMERS.read(
        connection, ticket_id, lambda: dict(_read(connection, (ticket_id,)).get(ticket_id, {}))
    )
    return sorted((RunningTimer(name, due_at) for name, due_at in running.items()), key=lambda timer: timer.due_at)


def prefetch_timers(connection: Connection, ticket_ids: Collection[int]) -> None:
    """Reads the timers of tickets for which the transaction will ask, in one statement."""
    found = _read(connection, ticket_ids)
    _RUNNING_TIMERS.values(connection).update({one: found.get(one, {}) for one in ticket_ids})


def _read(connection: Connection, ticket_ids: Collection[int]) -> dict[int, dict[str, datetime]]:
    found: dict[int, dict[str, datetime]] = {}
    for ticket_id, name, due_at in connection.execute(_LIST, {"tickets": list(ticket_ids)}):
        found.setdefault(ticket_id, {})[name] = due_at
    return found
