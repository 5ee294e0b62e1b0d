"""Counts of what was received, sent and done since the last look, for the counters of the metrics. Reads only.

`after` is the highest id at the last look, 0 for the first one. A look reads by the id and by the index of waiting
rows, so that it costs no more on a large database, the first one excepted. On PostgreSQL a row whose transaction ends
after that of a higher id may be passed over; the first look of the next process has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, func, select

from mailgate.core.workflow.events import Event
from mailgate.store.schema import events, journal, outbox
from mailgate.store.work_queue import WAITING, is_in

_NAMED_AT_ONCE = 1_000  # ids in one statement, of which databases take only so many


class MailCount(NamedTuple):
    """How many mails of a source are in a state."""

    source: str
    state: str
    number: int


class NoticeCount(NamedTuple):
    """How many notices of a kind are in a state, and their attempts in all."""

    notice: str
    state: str
    number: int
    attempts: int


class StepCount(NamedTuple):
    """How often tickets went from a state to a state by an event; `from_state` None for a new ticket."""

    event: str
    from_state: str | None
    to_state: str
    number: int


class SettledNotice(NamedTuple):
    """A notice that waits no longer; `queued_at` is when it was queued, or put back by the operator."""

    id: int
    notice: str
    state: str
    attempts: int
    queued_at: datetime
    sent_at: datetime | None


def find_newest(connection: Connection, table: Table) -> int:
    """Returns the highest id of a table, 0 where it is empty."""
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one())


def count_mails(connection: Connection, after: int) -> list[MailCount]:
    """Counts the mails that came in, by source and state."""
    keys = journal.c.source, journal.c.state
    query = select(*keys, func.count()).where(journal.c.id > after).group_by(*keys)
    return [MailCount(source, state, int(count)) for source, state, count in connection.execute(query)]


def count_notices(connection: Connection, after: int) -> list[NoticeCount]:
    """Counts the notices that were queued, by kind and state."""
    keys = outbox.c.notice, outbox.c.state
    query = select(*keys, func.count(), func.sum(outbox.c.attempts)).where(outbox.c.id > after).group_by(*keys)
    return [NoticeCount(notice, state, int(count), int(tries)) for notice, state, count, tries in
            connection.execute(query)]  # fmt: skip


def count_steps(connection: Connection, after: int) -> list[StepCount]:
    """Counts the events that moved tickets, by event and states."""
    keys = events.c.event, events.c.from_state, events.c.to_state
    moved = events.c.from_state.is_distinct_from(events.c.to_state)
    query = select(*keys, func.count()).where(events.c.id > after, moved).group_by(*keys)
    return [StepCount(event, before, state, int(count)) for event, before, state, count in connection.execute(query)]


def list_waiting(connection: Connection, table: Table) -> dict[int, int]:
    """Returns the waiting rows of a queue by id, each with its attempts that have ended."""
    query = select(table.c.id, table.c.attempts, table.c.leased_until).where(is_in(table, WAITING))
    return {row_id: tries - (leased is not None) for row_id, tries, leased in connection.execute(query)}


def list_states(connection: Connection, table: Table, ids: Sequence[int]) -> list[str]:
    """Returns the states of rows of a queue."""
    found: list[str] = []
    for some in _in_parts(ids):
        found += connection.execute(select(table.c.state).where(table.c.id.in_(some))).scalars()
    return found


def list_settled(connection: Connection, after: int, ids: Sequence[int]) -> list[SettledNotice]:
    """Lists the notices above an id, and those of the ids, that wait no longer."""
    queued = func.coalesce(outbox.c.requeued_at, outbox.c.created_at)
    columns = outbox.c.id, outbox.c.notice, outbox.c.state, outbox.c.attempts, queued, outbox.c.sent_at
    query = select(*columns).where(outbox.c.state != WAITING)
    found = [SettledNotice._make(row) for row in connection.execute(query.where(outbox.c.id > after))]
    for some in _in_parts(ids):
        found += [SettledNotice._make(row) for row in connection.execute(query.where(outbox.c.id.in_(some)))]
    return found


def list_reply_times(connection: Connection, receipts: Sequence[int]) -> list[tuple[datetime, datetime]]:
    """Returns when the request of each of these receipts came in, and when the receipt went out."""
    found: list[tuple[datetime, datetime]] = []
    joined = outbox.join(events, events.c.ticket_id == outbox.c.ticket_id).join(
        journal, journal.c.id == events.c.journal_id
    )
    query: Select[Any] = (
        select(journal.c.received_at, outbox.c.sent_at)
        .select_from(joined)
        .where(events.c.event == Event.REQUEST.value, outbox.c.sent_at.is_not(None))
    )
    for some in _in_parts(receipts):
        found += [(row[0], row[1]) for row in connection.execute(query.where(outbox.c.id.in_(some)))]
    return found


def _in_parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + _NAMED_AT_ONCE] for at in range(0, len(ids), _NAMED_AT_ONCE))
