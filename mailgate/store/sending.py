"""The obstacles to sending: a hold by the operator, and a dry run that works here.

Both stand in the row "sending" of the table `ways`. While it fails, sending is held: since when, and why. Couriers of
all hosts read it in the statements with which they take notices (`IS_SENDING`), so that it needs none of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, exists, literal_column, update

from mailgate.config import SENDING
from mailgate.store.announcements import note_new_work
from mailgate.store.schema import hook_calls, outbox, ways
from mailgate.store.source_status import get_status, lock_status, note_failure, note_figures, note_success
from mailgate.store.work_queue import WAITING, is_in

IS_SENDING: ColumnElement[bool] = ~exists().where(
    ways.c.name == literal_column(f"'{SENDING}'"), ways.c.failing_since.is_not(None)
)
"""Condition: sending is not held."""


_AGE_ANEW = {
    queue: update(queue)
    .where(is_in(queue, WAITING), queue.c.due_at <= bindparam("now"))
    .values(requeued_at=bindparam("now"))
    for queue in (outbox, hook_calls)
}


class Hold(NamedTuple):
    """A hold by the operator: since when, whose, and why."""

    since: datetime
    by: str
    reason: str


def find_hold(connection: Connection) -> Hold | None:
    """Returns the hold that keeps notices from being sent; None where there is none."""
    row = get_status(connection, SENDING)
    if row is None or row.failing_since is None:
        return None
    return Hold(row.failing_since, str(row.figures.get("by", "")), row.last_error)


def hold_sending(connection: Connection, now: datetime, by: str, reason: str) -> Hold | None:
    """Lets no courier take a notice until `resume_sending`, and returns None; a hold that is there stays and is
    returned.
    """
    lock_status(connection, SENDING)
    if (hold := find_hold(connection)) is not None:
        return hold
    note_failure(connection, SENDING, now, reason)
    note_figures(connection, SENDING, by=by)
    return None


def resume_sending(connection: Connection, now: datetime) -> int | None:
    """Lets couriers send again and returns how many notices are due; None where sending was not held.

    Their ages begin anew, and those of the calls of hooks: the time for which they were held must not let them expire
    (rule 22).
    """
    if not note_success(connection, SENDING, now):
        return None
    waiting, _ = (connection.execute(_AGE_ANEW[queue], {"now": now}).rowcount for queue in (outbox, hook_calls))
    note_new_work(connection, outbox)
    note_new_work(connection, hook_calls)
    return waiting


def note_dry_run(connection: Connection, since: datetime | None) -> None:
    """Records that a dry run works here, from its first start on; None: that none does."""
    row = get_status(connection, SENDING)
    before = row.figures.get("dry_run_since") if row is not None else None
    if (before is None) != (since is None):
        note_figures(connection, SENDING, dry_run_since=since.isoformat() if since is not None else None)
