"""Queries of the operator's listings, the archive and the health report. Nothing here writes.

Rows of the queues come without their bytes, each with the reference of its ticket ("" where it has none).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, Text, and_, case, cast, func, or_, select, text

from mailgate.core.workflow.events import LEVEL_NAMES
from mailgate.store.hook_calls import measure_untried_calls
from mailgate.store.journal import JournalRow
from mailgate.store.messages import AttachmentRow, list_attachments
from mailgate.store.outbox import OutboxRow, measure_untried_notices
from mailgate.store.rows import columns_of, make_rows
from mailgate.store.schema import events, hook_calls, journal, messages, outbox, tickets, timers
from mailgate.store.tags import has_tag
from mailgate.store.tickets import Ticket, list_tickets
from mailgate.store.work_queue import DONE, FAILED, PARKED, QUARANTINED, WAITING, is_in, measure_untried

_NEWEST = 10_000  # rows of the journal and of the outbox that may be of the last hour, or failed
QUEUES: dict[str, Table] = {"journal": journal, "outbox": outbox, "timers": timers, "hooks": hook_calls}


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
    queue: str
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


class ListedCall(NamedTuple):
    """A call of a hook for a listing."""

    id: int
    state: str
    due_at: datetime
    attempts: int
    last_error: str
    hook: str
    uid: str
    type: str
    created_at: datetime
    called_at: datetime | None
    reply: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """Conditions that the rows of a listing meet; an empty field says nothing.

    `author`, `recipient` and `error` are parts of what a row has, without case: `author` of the address in From or of
    the envelope's sender, `recipient` of the name of a hook, too. `message_id` is whole, without angle brackets.
    `since` is when a row came into its queue.
    """

    states: Sequence[str] = ()
    author: str = ""
    recipient: str = ""
    message_id: str = ""
    queue: str = ""
    error: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Conditions that the tickets of a listing meet; an empty field says nothing.

    `requester` and `assignee` are parts of an address or, of the requester, of the name, without case. `late_at` keeps
    tickets whose promise is over then, `since` those that were opened since, `put_off` those that are out of sight.
    """

    state: str = ""
    queue: str = ""
    level: str = ""
    requester: str = ""
    assignee: str = ""
    tag: str = ""
    late_at: datetime | None = None
    since: datetime | None = None
    put_off: bool = False


class MailEvent(NamedTuple):
    """An event of a ticket that a mail made."""

    reference: str
    event: str
    from_state: str | None
    to_state: str
    reason: str


ListedRow = TypeVar("ListedRow", ListedMail, ListedNotice, ListedTimer, ListedCall)
_LISTED: dict[type[NamedTuple], Table] = {
    ListedMail: journal,
    ListedNotice: outbox,
    ListedTimer: timers,
    ListedCall: hook_calls,
}


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """How a queue stands. `oldest` is when the oldest waiting row came in; of the timers, when the first was due.

    `untried` rows have been due for longer than they should, and nobody works on them; `first_due` is of these.
    `failed` counts notices that were given up, among the newest thousands.
    """

    waiting: int
    parked: int
    oldest: datetime | None
    untried: int
    first_due: datetime | None
    failed: int
    quarantined: int


def list_queue(
    connection: Connection, row: type[ListedRow], wanted: RowFilter | None = None, limit: int | None = None
) -> list[ListedRow]:
    """Lists the rows of the queue that a row class is of, oldest first; with `limit` the newest of them."""
    table = _LISTED[row]
    columns = [table.c[name] for name in row._fields if name != "reference"]
    reference = func.coalesce(tickets.c.reference, "").label("reference")
    joined = table.outerjoin(tickets, tickets.c.id == table.c.ticket_id)
    query: Select[Any] = select(*columns, reference).select_from(joined).order_by(table.c.id.desc()).limit(limit)
    query = query.where(*_conditions(table, wanted or RowFilter()))
    return make_rows(row._make, connection.execute(query))[::-1]


def count_rows(connection: Connection, row: type[ListedRow], wanted: RowFilter) -> dict[str, int]:
    """How many rows of a listing there are of each state."""
    table = _LISTED[row]
    joined = table.outerjoin(tickets, tickets.c.id == table.c.ticket_id)
    query = select(table.c.state, func.count()).select_from(joined).where(*_conditions(table, wanted))
    return {state: int(count) for state, count in connection.execute(query.group_by(table.c.state))}


def list_ids(connection: Connection, name: str, wanted: RowFilter) -> Sequence[int]:
    """Lists the ids of the rows of a queue that meet conditions, oldest first."""
    table = QUEUES[name]
    joined = table.outerjoin(tickets, tickets.c.id == table.c.ticket_id)
    query = select(table.c.id).select_from(joined).where(*_conditions(table, wanted)).order_by(table.c.id)
    return connection.execute(query).scalars().all()


def _conditions(table: Table, wanted: RowFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.states:
        yield table.c.state.in_(wanted.states)
    if wanted.since is not None:
        yield table.c.created_at >= wanted.since
    if wanted.author:
        yield or_(*(table.c[name].icontains(wanted.author, autoescape=True) for name in ("author", "sender")))
    if wanted.recipient:
        names = {"outbox": "recipient", "hook_calls": "hook", "journal": "recipients"}
        yield cast(table.c[names[table.name]], Text).icontains(wanted.recipient, autoescape=True)
    if wanted.message_id:
        yield table.c.message_id == wanted.message_id
    if wanted.error:
        yield table.c.last_error.icontains(wanted.error, autoescape=True)
    if wanted.queue:
        yield (table.c.queue if "queue" in table.c else tickets.c.queue) == wanted.queue


def select_tickets(connection: Connection, wanted: TicketFilter, limit: int | None = None) -> Sequence[Ticket]:
    """Lists tickets that were not merged away, newest last; late ones, if only these are wanted, by their deadline."""
    found = list_tickets(connection, *_ticket_conditions(wanted), limit=limit)
    if wanted.late_at is None:
        return found
    return sorted(found, key=lambda ticket: (ticket.promise_due or ticket.created_at, ticket.id))


def _ticket_conditions(wanted: TicketFilter) -> Iterator[ColumnElement[bool]]:
    for name in ("state", "queue", "level"):
        if value := getattr(wanted, name):
            yield tickets.c[name] == value
    if wanted.requester:
        people = tickets.c.requester, tickets.c.requester_name
        yield or_(*(column.icontains(wanted.requester, autoescape=True) for column in people))
    if wanted.assignee:
        yield tickets.c.assignee.icontains(wanted.assignee, autoescape=True)
    if wanted.tag:
        yield has_tag(wanted.tag)
    if wanted.since is not None:
        yield tickets.c.created_at >= wanted.since
    if wanted.put_off:
        yield tickets.c.hidden_until.is_not(None)
    if wanted.late_at is not None:
        yield and_(tickets.c.state.in_(LEVEL_NAMES), _is_late(wanted.late_at))


def _is_late(now: datetime) -> ColumnElement[bool]:
    """As `core.sla.terms.is_overdue` has it, for tickets of a level whose clock runs."""
    return and_(tickets.c.waiting_since.is_(None), tickets.c.promise_due <= now)


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
    since: ColumnElement[Any] = table.c.due_at if name == "timers" else table.c.created_at
    if "requeued_at" in table.c:
        since = func.coalesce(table.c.requeued_at, since)
    waiting, oldest = connection.execute(select(func.count(), func.min(since)).where(is_in(table, WAITING))).one()
    parked = connection.execute(select(func.count()).where(is_in(table, PARKED))).scalar_one()
    if name == "outbox":
        untried = measure_untried_notices(connection, now, now - patience)
    elif name == "hooks":
        untried = measure_untried_calls(connection, now, now - patience)
    else:
        untried = measure_untried(connection, table, now, now - patience)
    failed = quarantined = 0
    if name == "journal":
        count = select(func.count()).where(is_in(table, QUARANTINED))
        quarantined = connection.execute(count).scalar_one()
    if name == "outbox":
        failed = connection.execute(select(func.count()).where(_newest(table), table.c.state == FAILED)).scalar_one()
    return QueueLoad(int(waiting), int(parked), oldest, *untried, int(failed), int(quarantined))


def _newest(table: Table) -> ColumnElement[bool]:
    """Condition: a row is one of the newest thousands, so that a large database costs no more than a small one."""
    return table.c.id > select(func.max(table.c.id) - _NEWEST).scalar_subquery()


def count_traffic(connection: Connection, since: datetime) -> tuple[int, int]:
    """Counts the mails that came in and the notices that went out since then; a row of before 0007 has no `sent_at`.

    Only the newest thousands of rows are looked at.
    """
    came = select(func.count()).where(_newest(journal), journal.c.received_at > since)
    went = select(func.count()).where(
        _newest(outbox), func.coalesce(outbox.c.sent_at, outbox.c.created_at) > since, outbox.c.state == DONE
    )
    return int(connection.execute(came).scalar_one()), int(connection.execute(went).scalar_one())


def count_tickets(connection: Connection) -> dict[str, int]:
    """How many tickets stand in each state, merged ones left out."""
    # Both counts need indexes alone, and the tickets themselves are not read.
    query = select(tickets.c.state, func.count()).where(tickets.c.merged_into.is_not(None)).group_by(tickets.c.state)
    merged = {state: int(count) for state, count in connection.execute(query)}
    return {state: count - merged.get(state, 0) for state, count in count_states(connection, tickets).items()}


def count_levels(connection: Connection, now: datetime) -> dict[tuple[str, str], tuple[int, int]]:
    """How many tickets each level of a queue has, by (queue, level), and how many of them are late."""
    keys = tickets.c.queue, tickets.c.state
    late = func.sum(case((_is_late(now), 1), else_=0))
    here = tickets.c.state.in_(LEVEL_NAMES), tickets.c.merged_into.is_(None)
    found = connection.execute(select(*keys, func.count(), late).where(*here).group_by(*keys))
    return {(queue, level): (int(count), int(over)) for queue, level, count, over in found}


def measure_size(connection: Connection) -> int:
    """The size of the database in bytes."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())


def find_mail(connection: Connection, row_id: int) -> tuple[JournalRow, str] | None:
    """A row of the journal and the reference of its ticket, "" for none; None where there is no such row."""
    reference = func.coalesce(tickets.c.reference, "")
    joined = journal.outerjoin(tickets, tickets.c.id == journal.c.ticket_id)
    query = select(*columns_of(journal, JournalRow), reference).select_from(joined).where(journal.c.id == row_id)
    found = connection.execute(query).first()
    return (JournalRow._make(found[:-1]), str(found[-1])) if found is not None else None


def list_events_of(connection: Connection, journal_id: int) -> list[MailEvent]:
    """The events that a mail made in tickets, in their order."""
    query: Select[Any] = (
        select(tickets.c.reference, events.c.event, events.c.from_state, events.c.to_state, events.c.reason)
        .join(tickets, tickets.c.id == events.c.ticket_id)
        .where(events.c.journal_id == journal_id)
        .order_by(events.c.id)
    )
    return make_rows(MailEvent._make, connection.execute(query))


def received_mails(connection: Connection, ticket_id: int) -> list[JournalRow]:
    """The journal's rows of the mails that a ticket holds, oldest first."""
    # Two looks by an index each: one condition with OR reads the whole journal.
    # Words without a Message-ID and of no mail of this ticket's own are what a mail for several tickets said in it.
    held = select(messages.c.journal_id).where(
        messages.c.ticket_id == ticket_id, messages.c.journal_id.is_not(None), messages.c.message_id != ""
    )
    mine = select(journal.c.id).where(journal.c.ticket_id == ticket_id).union(held)
    query = select(*columns_of(journal, JournalRow)).where(journal.c.id.in_(mine)).order_by(journal.c.id)
    return make_rows(JournalRow._make, connection.execute(query))


def get_sent(connection: Connection, row_id: int) -> OutboxRow:
    """A notice of the outbox with its bytes; raises NoResultFound where there is none."""
    query = select(*columns_of(outbox, OutboxRow)).where(outbox.c.id == row_id)
    return OutboxRow._make(connection.execute(query).one())


def list_files(connection: Connection, ticket_id: int) -> dict[int, list[AttachmentRow]]:
    """The files of a ticket's mails, by the id of the message."""
    found: dict[int, list[AttachmentRow]] = {}
    for row in list_attachments(connection, ticket_id):
        found.setdefault(row.message_id, []).append(row)
    return found
