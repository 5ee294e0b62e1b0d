"""A ticket's deadlines: one row per ticket and name, on the common queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mailgate.store.queue import DONE, WAITING
from mailgate.store.schema import timers


def start_timer(connection: Connection, ticket_id: int, name: str, due_at: datetime, now: datetime) -> None:
    """Set a timer, or set it anew."""
    fresh: dict[str, object] = {
        "due_at": due_at,
        "created_at": now,
        "state": WAITING,
        "attempts": 0,
        "leased_until": None,
        "last_error": "",
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(timers).values(ticket_id=ticket_id, name=name, **fresh)
    connection.execute(statement.on_conflict_do_update(index_elements=["ticket_id", "name"], set_=fresh))


def stop_timers(connection: Connection, ticket_id: int, names: Sequence[str] | None = None) -> None:
    """End the timers of those names, or all of a ticket."""
    running = [timers.c.ticket_id == ticket_id, timers.c.state == WAITING]
    if names is not None:
        running.append(timers.c.name.in_(names))
    connection.execute(update(timers).where(*running).values(state=DONE, leased_until=None))


def running_timers(connection: Connection, ticket_id: int) -> Sequence[Row[Any]]:
    """The timers of a ticket that still run, next one first."""
    query: Select[Any] = select(timers.c.name, timers.c.due_at).where(
        timers.c.ticket_id == ticket_id, timers.c.state == WAITING
    )
    return connection.execute(query.order_by(timers.c.due_at)).all()
