"""Calls of hooks, a queue like the outbox: each row is a call whose JSON is final, until its receiver has it.

A hook gets its calls in the order in which they come due; of one ticket, a later one waits while an earlier one waits,
and a parked one keeps nothing back. While the operator holds sending, no call is taken.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, insert, or_, select, update

from mailgate.store.announcements import note_new_work
from mailgate.store.rows import columns_of, make_first
from mailgate.store.schema import hook_calls
from mailgate.store.sending import IS_SENDING
from mailgate.store.work_queue import WAITING, is_in, measure_untried, take
from mailgate.store.write_behind import write_later


class HookCallRow(NamedTuple):
    """A row of the calls: the columns of the table, in their order. `body` is "" once it is done."""

    id: int
    state: str
    due_at: datetime
    attempts: int
    leased_until: datetime | None
    last_error: str
    created_at: datetime
    hook: str
    uid: str
    type: str
    ticket_id: int | None
    body: str
    called_at: datetime | None
    reply: str
    requeued_at: datetime | None

    @property
    def waits_since(self) -> datetime:
        """When it was queued, or last put back by the operator: its age counts from then."""
        return self.requeued_at or self.created_at


@dataclass(frozen=True, slots=True)
class QueuedCall:
    """A call to be made: `type` is what it says, such as `ticket.escalated`; `body` its JSON."""

    hook: str
    type: str
    body: str = field(repr=False)
    ticket_id: int | None = None


_PUT = insert(hook_calls)
_other = hook_calls.alias()
# A state that fits no index but the ticket's, as in outbox.py.
_FIRST: ColumnElement[bool] = (
    select(func.min(_other.c.id))
    .where(
        _other.c.ticket_id == hook_calls.c.ticket_id,
        _other.c.hook == hook_calls.c.hook,
        func.lower(_other.c.state) == WAITING,
        _other.c.id < hook_calls.c.id,
    )
    .scalar_subquery()
    .is_(None)
)
_FREE_AT = case((hook_calls.c.leased_until > hook_calls.c.due_at, hook_calls.c.leased_until), else_=hook_calls.c.due_at)
_DUE: Select[Any] = (
    select(hook_calls.c.hook, func.min(_FREE_AT))
    .where(is_in(hook_calls, WAITING), IS_SENDING, _FIRST)
    .group_by(hook_calls.c.hook)
)
_WAKE = update(hook_calls).where(
    is_in(hook_calls, WAITING),
    hook_calls.c.hook == bindparam("of"),
    hook_calls.c.due_at > bindparam("now"),
    or_(hook_calls.c.leased_until.is_(None), hook_calls.c.leased_until <= bindparam("now")),
)
_FIND: Select[Any] = select(*columns_of(hook_calls, HookCallRow)).where(hook_calls.c.id == bindparam("row"))


def put_calls(connection: Connection, calls: Sequence[QueuedCall], now: datetime) -> None:
    """Queues calls of hooks, each under an id of its own that every attempt carries."""
    rows: list[dict[str, Any]] = [
        {
            "hook": call.hook,
            "uid": make_uid(),
            "type": call.type,
            "ticket_id": call.ticket_id,
            "body": call.body,
            "due_at": now,
            "created_at": now,
        }
        for call in calls
    ]
    if rows:
        write_later(connection, _PUT, rows)
        note_new_work(connection, hook_calls)


def make_uid() -> str:
    """Makes the id of a call, by which its receiver knows it again."""
    return f"msg_{secrets.token_hex(16)}"


def list_dues(connection: Connection) -> dict[str, datetime]:
    """Returns when the next call of each hook may be made; of a hook without a waiting call nothing."""
    return dict(connection.execute(_DUE).all())


def take_call(connection: Connection, hook: str, now: datetime, lease: timedelta) -> HookCallRow | None:
    """Leases the call of a hook that is due first; None where none is due, or sending is held."""
    rows = take(connection, hook_calls, now, 1, lease, *_may_take(hook))
    return HookCallRow._make(rows[0]) if rows else None


def wake_calls(connection: Connection, hook: str, now: datetime) -> None:
    """Makes all calls due that wait because attempts of their hook failed."""
    connection.execute(_WAKE.values(due_at=now), {"of": hook, "now": now})


def measure_untried_calls(connection: Connection, now: datetime, before: datetime) -> tuple[int, datetime | None]:
    """Counts the calls that were due before then and not tried, and finds when the first was due.

    One that waits for an earlier one does not count, and none while sending is held.
    """
    return measure_untried(connection, hook_calls, now, before, IS_SENDING, _FIRST)


def find_call(connection: Connection, row_id: int) -> HookCallRow | None:
    """Returns a call; None where there is none with this id."""
    return make_first(HookCallRow._make, connection.execute(_FIND, {"row": row_id}))


@cache
def _may_take(hook: str) -> tuple[ColumnElement[bool], ...]:
    return hook_calls.c.hook == hook, IS_SENDING, _FIRST
