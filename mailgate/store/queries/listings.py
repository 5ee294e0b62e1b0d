"""Queries of the operator's listings, the archive and the health report. Nothing here writes.

Rows of the three queues come without their bytes, each with the reference of its ticket ("" where it has none).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select, text

from mailgate.store.journal import JournalRow
from mailgate.store.messages import AttachmentRow, list_attachments
from mailgate.store.outbox import OutboxRow, measure_untried_notices
from mailgate.store.rows import columns_of, make_rows
from mailgate.store.schema import journal, messages, outbox, tickets, timers
from mailgate.store.work_queue import DONE, PARKED, WAITING, measure_untried

_NEWEST = 10_000  # rows of the journal and of the outbox that may be of the last hour
QUEUES: dict[str, Table] = {"journal": journal, "outbox": outbox, "timers": timers}


class ListedMail(NamedTuple):
    """A row of the journal for a listing."""

    id: int
    state: str
    due_at: datetime
    attempts: int
    last_error: str
    source: str
    sender: str | None
    recipients: list[str]
    author: str
    subject: str
    message_id: str
    received_at: datetime
    size: int
    reference: str


class ListedNotice(NamedTuple):
    """A row of the outbox for a listing."""

    id: int
    state: str
    due_at: datetime
    attempts: int
    last_error: str
    notice: str
    recipient: str
    message_id: str
    lane: str
    size: int
    created_at: datetime
    sent_at: datetime | None
    relay_reply: str
    reference: str


class ListedTimer(NamedTuple):
    """A row of the timers for a listing."""

    id: int
    state: str
    due_at: datetime
    attempts: int
    last_error: str
    name: str
    reference: str


ListedRow = TypeVar("ListedRow", ListedMail, ListedNotice, ListedTimer)
_LISTED: dict[type[NamedTuple], Table] = {ListedMail: journal, ListedNotice: outbox, ListedTimer: timers}


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """How a queue stands. `oldest` is when the oldest waiting row came in; of the timers, when the first was due.

    `untried` rows have been due for longer than they should, and nobody works on them; `first_due` is of these.
    """

    waiting: int
    parked: int
    oldest: datetime | None
    untried: int
    first_due: datetime | None


def list_queue(
    connection: Connection, row: type[ListedRow], states: Sequence[str] = (), limit: int | None = None
) -> list[ListedRow]:
    """Lists the rows of the queue that a row class is of, oldest first; with `limit` the newest of them."""
    table = _LISTED[row]
    columns = [table.c[name] for name in row._fields if name != "reference"]
    reference = func.coalesce(tickets.c.reference, "").label("reference")
    joined = table.outerjoin(tickets, tickets.c.id == table.c.ticket_id)
    query: Select[Any] = select(*columns, reference).select_from(joined).order_by(table.c.id.desc()).limit(limit)
    if states:
        query = query.where(table.c.state.in_(states))
    return make_rows(row._make, connection.execute(query))[::-1]


def count_states(connection: Connection, table: Table, column: str = "state") -> dict[str, int]:
    """How many rows there are of each state."""
    query = select(table.c[column], func.count()).group_by(table.c[column])
    return {state: int(count) for state, count in connection.execute(query)}


def state_of(connection: Connection, name: str, row_id: int) -> str | None:
    """The state of one row of a queue, None where there is no such row."""
    table = QUEUES[name]
    return connection.execute(select(table.c.state).where(table.c.id == row_id)).scalar()


def measure_load(connection: Connection, name: str, now: datetime, patience: timedelta) -> QueueLoad:
    """Counts the waiting and the parked rows of a queue, and finds since when rows wait.

    What has been due for longer than `patience` should have been tried.
    """
    table = QUEUES[name]
    counts = count_states(connection, table)
    since: ColumnElement[Any] = table.c.due_at if name == "timers" else table.c.created_at
    if name == "outbox":
        since = func.coalesce(table.c.requeued_at, since)
    oldest = connection.execute(select(func.min(since)).where(table.c.state == WAITING)).scalar()
    if name == "outbox":
        untried = measure_untried_notices(connection, now, now - patience)
    else:
        untried = measure_untried(connection, table, now, now - patience)
    return QueueLoad(counts.get(WAITING, 0), counts.get(PARKED, 0), oldest, *untried)


def count_traffic(connection: Connection, since: datetime) -> tuple[int, int]:
    """Counts the mails that came in since then, and the notices that were queued since then and have gone out.

    Only the newest thousands of rows are looked at, so that a large database costs no more than a small one.
    """
    newest = [table.c.id > select(func.max(table.c.id) - _NEWEST).scalar_subquery() for table in (journal, outbox)]
    came = select(func.count()).where(newest[0], journal.c.received_at > since)
    went = select(func.count()).where(newest[1], outbox.c.created_at > since, outbox.c.state == DONE)
    return int(connection.execute(came).scalar_one()), int(connection.execute(went).scalar_one())


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
    """Maps the id of each ticket with a running promise to its deadline."""
    running = timers.c.name == "escalation", timers.c.state == WAITING
    query = select(timers.c.ticket_id, timers.c.due_at).where(*running)
    return {int(ticket_id): due_at for ticket_id, due_at in connection.execute(query)}


def received_mails(connection: Connection, ticket_id: int) -> list[JournalRow]:
    """The journal's rows of the mails that a ticket holds, oldest first."""
    # Two looks by an index each: one condition with OR reads the whole journal.
    held = select(messages.c.journal_id).where(messages.c.ticket_id == ticket_id, messages.c.journal_id.is_not(None))
    mine = select(journal.c.id).where(journal.c.ticket_id == ticket_id).union(held)
    query = select(*columns_of(journal, JournalRow)).where(journal.c.id.in_(mine)).order_by(journal.c.id)
    return make_rows(JournalRow._make, connection.execute(query))


def get_sent(connection: Connection, row_id: int) -> OutboxRow:
    """A notice of the outbox with its bytes."""
    query = select(*columns_of(outbox, OutboxRow)).where(outbox.c.id == row_id)
    return OutboxRow._make(connection.execute(query).one())


def list_files(connection: Connection, ticket_id: int) -> dict[int, list[AttachmentRow]]:
    """The files of a ticket's mails, by the id of the message."""
    found: dict[int, list[AttachmentRow]] = {}
    for row in list_attachments(connection, ticket_id):
        found.setdefault(row.message_id, []).append(row)
    return found
