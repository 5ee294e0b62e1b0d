"""What the operator's listings, the archive and the health report read. Nothing here writes.

Rows of the three queues come without their bytes, each with the reference of its ticket ("" where it has none).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, func, select, text

from mailgate.store.queue import PARKED, WAITING
from mailgate.store.schema import attachments, journal, messages, outbox, tickets, timers

QUEUES: dict[str, Table] = {"journal": journal, "outbox": outbox, "timers": timers}
_COMMON = ("id", "state", "due_at", "attempts", "last_error")
_MORE = {
    "journal": ("source", "sender", "recipients", "message_id", "received_at", "size"),
    "outbox": ("notice", "recipient", "message_id", "lane", "size", "created_at"),
    "timers": ("name",),
}


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """How a queue stands. `oldest` is when the oldest waiting row came in; of the timers, when the first was due."""

    waiting: int
    parked: int
    oldest: datetime | None


def list_queue(
    connection: Connection, name: str, states: Sequence[str] = (), limit: int | None = None
) -> Sequence[Row[Any]]:
    """Rows of "journal", "outbox" or "timers", oldest first; with `limit` the newest of them."""
    table = QUEUES[name]
    columns = [table.c[column] for column in (*_COMMON, *_MORE[name])]
    reference = func.coalesce(tickets.c.reference, "").label("reference")
    joined = table.outerjoin(tickets, tickets.c.id == table.c.ticket_id)
    query: Select[Any] = select(*columns, reference).select_from(joined).order_by(table.c.id.desc()).limit(limit)
    if states:
        query = query.where(table.c.state.in_(states))
    return connection.execute(query).all()[::-1]


def count_states(connection: Connection, table: Table, column: str = "state") -> dict[str, int]:
    """How many rows there are of each state."""
    query = select(table.c[column], func.count()).group_by(table.c[column])
    return {state: int(count) for state, count in connection.execute(query)}


def state_of(connection: Connection, name: str, row_id: int) -> str | None:
    """The state of one row of a queue, None where there is no such row."""
    table = QUEUES[name]
    return connection.execute(select(table.c.state).where(table.c.id == row_id)).scalar()


def measure_load(connection: Connection, name: str) -> QueueLoad:
    """How much of a queue waits and is parked, and since when."""
    table = QUEUES[name]
    counts = count_states(connection, table)
    since: ColumnElement[Any] = table.c.due_at if name == "timers" else table.c.created_at
    oldest = connection.execute(select(func.min(since)).where(table.c.state == WAITING)).scalar()
    return QueueLoad(counts.get(WAITING, 0), counts.get(PARKED, 0), oldest)


def count_tickets(connection: Connection) -> dict[str, int]:
    """How many tickets stand in each state, merged ones left out."""
    query = select(tickets.c.state, func.count()).where(tickets.c.merged_into.is_(None)).group_by(tickets.c.state)
    return {state: int(count) for state, count in connection.execute(query)}


def measure_size(connection: Connection) -> int:
    """The size of the database in bytes."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())


def next_promises(connection: Connection) -> dict[int, datetime]:
    """When each ticket's running promise ends, by the id of the ticket."""
    running = timers.c.name == "escalation", timers.c.state == WAITING
    query = select(timers.c.ticket_id, timers.c.due_at).where(*running)
    return {int(ticket_id): due_at for ticket_id, due_at in connection.execute(query)}


def received_mails(connection: Connection, ticket_id: int) -> Sequence[Row[Any]]:
    """The journal's rows of the mails that a ticket holds, oldest first."""
    # Two looks by an index each: one condition with OR reads the whole journal.
    held = select(messages.c.journal_id).where(messages.c.ticket_id == ticket_id, messages.c.journal_id.is_not(None))
    mine = select(journal.c.id).where(journal.c.ticket_id == ticket_id).union(held)
    return connection.execute(select(journal).where(journal.c.id.in_(mine)).order_by(journal.c.id)).all()


def get_sent(connection: Connection, row_id: int) -> Row[Any]:
    """A notice of the outbox with its bytes."""
    return connection.execute(select(outbox).where(outbox.c.id == row_id)).one()


def list_files(connection: Connection, ticket_id: int) -> dict[int, list[Row[Any]]]:
    """The files of a ticket's mails, by the id of the message."""
    query = select(attachments).join(messages, messages.c.id == attachments.c.message_id)
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query.where(messages.c.ticket_id == ticket_id).order_by(attachments.c.id)):
        found.setdefault(row.message_id, []).append(row)
    return found
