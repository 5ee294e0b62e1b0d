"""Durable work: the life of a row of the journal, the outbox or the timers.

    waiting ─take─▶ leased (still `waiting`, attempt counted, `leased_until` ahead) ─finish─▶ done
       ▲                          │ error: `postpone`, or the lease runs out                 parked ─requeue─▶ waiting
       └──────────────────────────┘                                                          parked ─dismiss─▶ dismissed

A notice that was refused and reported to a person is `failed`; work that was called off is `cancelled`; a mail in which
the virus scanner found something is `quarantined`.

`take` is a short transaction. `finish` runs in the transaction of the work, and only if the attempt number still
matches, so that a crash, an error and a retry are handled alike. A parked row keeps its error and is never deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from mailgate.core.backoff import MOST_DOUBLINGS, doubled
from mailgate.store.announcements import note_new_work
from mailgate.store.write_behind import write_later

WAITING, DONE, PARKED, DUPLICATE, IGNORED = "waiting", "done", "parked", "duplicate", "ignored"
FAILED, CANCELLED, DISMISSED, QUARANTINED = "failed", "cancelled", "dismissed", "quarantined"
# As a parameter it would hide from the plans that PostgreSQL keeps which index serves.
_WAITS: ColumnElement[str] = literal_column(f"'{WAITING}'")
_FIRST_PAUSE = timedelta(seconds=1)  # before a row that killed its worker is tried again
_NAMED_AT_ONCE = 1_000  # ids in one statement, of which databases take only so many
_LEASED_AT_ONCE = 1_000  # rows that are looked at for the end of a lease; so many workers there are not


class LostLease(Exception):
    """Raised where another worker has taken a row meanwhile, so that nothing done for it here is committed."""


class LeasedRow(Protocol):
    """A row of a queue that a worker has taken: its id and the number of the attempt."""

    @property
    def id(self) -> int: ...

    @property
    def attempts(self) -> int: ...


def take(
    connection: Connection,
    table: Table,
    now: datetime,
    limit: int,
    lease: timedelta,
    *also: ColumnElement[bool],
) -> Sequence[Row[Any]]:
    """Leases up to `limit` due rows, oldest due first, and returns them with the attempt counted.

    `also` must be constants: the statement is kept for them.
    """
    moments = {"now": now, "limit": limit, "until": now + lease}
    rows = connection.execute(_take(table, also), moments).all()
    return sorted(rows, key=lambda row: (row.due_at, row.id))


def is_due(connection: Connection, table: Table, now: datetime, *also: ColumnElement[bool]) -> bool:
    """Tells whether `take` may find a row; needs no write lock."""
    due: datetime | None = connection.execute(_first_due(table, also)).scalar()
    return due is not None and due <= now


def count_due(connection: Connection, table: Table, now: datetime, most: int, *also: ColumnElement[bool]) -> int:
    """Counts the rows that may be taken now; returns `most` where there are more."""
    return int(connection.execute(_count_due(table, also), {"now": now, "most": most}).scalar_one())


def measure_untried(
    connection: Connection, table: Table, now: datetime, before: datetime, *also: ColumnElement[bool]
) -> tuple[int, datetime | None]:
    """Counts the rows that nobody works on though they were due before then; returns also when the first was due."""
    is_free = or_(table.c.leased_until.is_(None), table.c.leased_until <= now)
    untried = select(func.count(), func.min(table.c.due_at)).where(
        table.c.state == _WAITS, table.c.due_at <= before, is_free, *also
    )
    count, first = connection.execute(untried).one()
    return int(count), first


def renew(connection: Connection, table: Table, rows: Sequence[LeasedRow], until: datetime) -> None:
    """Extends the leases of rows whose work takes longer."""
    if rows:
        connection.execute(_change(table, ("leased_until",)), [_key(row) | {"leased_until": until} for row in rows])


def finish(connection: Connection, table: Table, row: LeasedRow, state: str = DONE, **values: object) -> bool:
    """Ends a row; False when the lease was lost and the work of this transaction must be undone."""
    ended = values | {"state": state, "leased_until": None}
    return connection.execute(_change(table, tuple(ended)), _key(row) | ended).rowcount == 1


def finish_all(connection: Connection, table: Table, ended: Sequence[tuple[LeasedRow, Mapping[str, object]]]) -> None:
    """Ends rows that need nothing but that, each with its own values of the same columns, in one statement.

    A row whose lease was lost is left as it is.
    """
    if ended:
        change = _change(table, ("state", "leased_until", *ended[0][1]))
        both = {"state": DONE, "leased_until": None}
        connection.execute(change, [_key(row) | both | dict(values) for row, values in ended])


def finish_later(
    connection: Connection,
    table: Table,
    row: LeasedRow,
    state: str = DONE,
    *,
    touches: Collection[Hashable],
    **values: object,
) -> None:
    """Ends a row with this transaction, which raises LostLease at its end where the lease was lost.

    `touches` as in `write_behind.write_later`.
    """
    ended = values | {"state": state, "leased_until": None}
    statement = _change(table, tuple(ended))
    write_later(connection, statement, [_key(row) | ended], touches=touches, lost=LostLease)


def postpone(
    connection: Connection, table: Table, row: LeasedRow, due_at: datetime, error: str, **more: object
) -> None:
    """Returns a row to the queue for later, with the reason; `more` are further columns."""
    values = {"due_at": due_at, "leased_until": None, "last_error": error[:2000], **more}
    connection.execute(_change(table, tuple(values)), _key(row) | values)


def release(connection: Connection, table: Table, row: LeasedRow, due_at: datetime, error: str = "") -> None:
    """Returns a row to the queue without counting the attempt, whose failure had nothing to do with the row."""
    values = {"due_at": due_at, "leased_until": None, "last_error": error[:2000], "attempts": row.attempts - 1}
    connection.execute(_change(table, tuple(values)), _key(row) | values)


def requeue(connection: Connection, table: Table, row_ids: Sequence[int], now: datetime) -> list[int]:
    """Makes rows due that have not been worked off, and returns which: their attempts and their age begin anew.

    Waiting rows are due at once; one that a worker has now is left to it.
    """
    values: dict[str, object] = {"state": WAITING, "due_at": now, "attempts": 0, "leased_until": None}
    # What is counted since a time (rule 24) keeps the time at which it was queued.
    values["requeued_at" if "requeued_at" in table.c else "created_at"] = now
    if "forced" in table.c:  # the journal: an operator wants a ticket of what was ignored (rule 25)
        values["forced"] = case((table.c.state == WAITING, table.c.forced), else_=True)
    again = update(table).where(_may_return(table), _is_free(table, now)).values(**values)
    note_new_work(connection, table)
    return _change_those(connection, table, again, row_ids)


def flush(connection: Connection, table: Table, row_ids: Sequence[int], now: datetime) -> list[int]:
    """Makes rows due that wait for another attempt, and returns which; attempts and age go on."""
    late = update(table).where(table.c.due_at > now, _waits_again(table), _is_free(table, now)).values(due_at=now)
    note_new_work(connection, table)
    return _change_those(connection, table, late, row_ids)


def list_due(connection: Connection, table: Table, row_ids: Sequence[int], now: datetime) -> list[int]:
    """Returns which of these rows wait and are due, in order."""
    due: list[int] = []
    for at in range(0, len(row_ids), _NAMED_AT_ONCE):
        named = table.c.id.in_(row_ids[at : at + _NAMED_AT_ONCE])
        query = select(table.c.id).where(named, table.c.state == WAITING, table.c.due_at <= now)
        due += connection.execute(query).scalars()
    return sorted(due)


def dismiss(connection: Connection, table: Table, row_ids: Sequence[int], now: datetime, reason: str) -> list[int]:
    """Ends rows that wait, or are kept for the operator, and that no worker has; `reason` joins the error.

    Returns which. Parked, failed and quarantined rows are kept for the operator.
    """
    words = case((table.c.last_error == "", reason), else_=table.c.last_error + f"; {reason}")
    values = {"state": DISMISSED, "leased_until": None, "last_error": words}
    ended = (
        update(table)
        .where(table.c.state.in_((WAITING, PARKED, FAILED, QUARANTINED)), _is_free(table, now))
        .values(values)
    )
    return _change_those(connection, table, ended, row_ids)


def _change_those(connection: Connection, table: Table, change: Update, row_ids: Sequence[int]) -> list[int]:
    """Changes those of the rows that the statement's conditions allow; returns which, in order."""
    changed: list[int] = []
    for at in range(0, len(row_ids), _NAMED_AT_ONCE):
        those = change.where(table.c.id.in_(row_ids[at : at + _NAMED_AT_ONCE])).returning(table.c.id)
        changed += connection.execute(those).scalars()
    return sorted(changed)


def free_leases(connection: Connection, table: Table, now: datetime) -> None:
    """Frees all leases after a crash of the only holder: leased rows are due again at once (rule 29).

    Rows that were in progress at several crashes may be their cause: they wait longer each time, so that others go
    first and a desk that is killed again and again for another reason does not park them.
    """
    leased = table.c.leased_until.is_not(None)
    often = select(table.c.id, table.c.attempts).where(leased, table.c.attempts > 2)
    for row in connection.execute(often).all():
        pause = doubled(_FIRST_PAUSE, row.attempts - 1, at_most=MOST_DOUBLINGS)
        connection.execute(update(table).where(table.c.id == row.id).values(leased_until=None, due_at=now + pause))
    connection.execute(update(table).where(leased).values(leased_until=None))


def bring_forward(connection: Connection, table: Table, after: datetime, now: datetime) -> None:
    """Makes the waiting rows due now that are due, or leased, only after then: a clock that was ahead put them off."""
    note_new_work(connection, table)
    far = or_(table.c.due_at > after, table.c.leased_until > after)
    connection.execute(update(table).where(table.c.state == _WAITS, far).values(due_at=now, leased_until=None))


def next_due(connection: Connection, table: Table, now: datetime, *also: ColumnElement[bool]) -> datetime | None:
    """When the next row comes due; a leased row counts from the end of its lease, since its holder may be dead."""
    due = connection.execute(_next_free(table, also)).scalar()
    if due is not None and due <= now:
        return due
    leased = connection.execute(_leases(table), {"now": now}).scalars().all()
    return min((one for one in (due, *leased) if one is not None), default=None)


def is_in(table: Table, state: str) -> ColumnElement[bool]:
    """Condition: a row is in one of the states of this module, in words that let the index of that state serve."""
    return table.c.state == literal_column(f"'{state}'")


def list_rows(connection: Connection, table: Table, *columns: str, states: Sequence[str] = ()) -> Sequence[Row[Any]]:
    """Rows for a listing, without their bytes."""
    wanted = table.c.state.in_(states) if states else true()
    return connection.execute(select(*(table.c[name] for name in columns)).where(wanted).order_by(table.c.id)).all()


def _waits_again(table: Table) -> ColumnElement[bool]:
    """Condition: a row waits since an attempt failed; one that was not tried has its own time, as a timer has."""
    return and_(table.c.state == WAITING, table.c.attempts > 0)


def _may_return(table: Table) -> ColumnElement[bool]:
    return or_(table.c.state.in_((PARKED, FAILED, IGNORED, DISMISSED)), _waits_again(table))


def _is_free(table: Table, now: datetime) -> ColumnElement[bool]:
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= now)


# Statements are built once: building one costs more than running it.


@cache
def _take(table: Table, also: tuple[ColumnElement[bool], ...]) -> ReturningUpdate[Any]:
    free = or_(table.c.leased_until.is_(None), table.c.leased_until <= bindparam("now"))
    due = and_(table.c.state == _WAITS, table.c.due_at <= bindparam("now"), free, *also)
    # PostgreSQL may run a plain sub-select more than once, and lock more than `limit`; a CTE it runs once.
    chosen = select(table.c.id).where(due).order_by(table.c.due_at, table.c.id).limit(bindparam("limit"))
    taken = chosen.with_for_update(skip_locked=True).cte("taken")
    leased = {"attempts": table.c.attempts + 1, "leased_until": bindparam("until")}
    return update(table).where(table.c.id.in_(select(taken.c.id))).values(leased).returning(*table.c)


@cache
def _first_due(table: Table, also: tuple[ColumnElement[bool], ...]) -> Select[datetime]:
    return select(func.min(table.c.due_at)).where(table.c.state == _WAITS, *also)


@cache
def _count_due(table: Table, also: tuple[ColumnElement[bool], ...]) -> Select[int]:
    due = select(table.c.id).where(table.c.state == _WAITS, table.c.due_at <= bindparam("now"), *also)
    return select(func.count()).select_from(due.limit(bindparam("most")).subquery())


@cache
def _next_free(table: Table, also: tuple[ColumnElement[bool], ...]) -> Select[datetime]:
    return select(func.min(table.c.due_at)).where(table.c.state == _WAITS, table.c.leased_until.is_(None), *also)


@cache
def _leases(table: Table) -> Select[datetime]:
    # What is leased was due: the index of due rows finds it, and their order makes every planner take that index.
    due = select(table.c.leased_until).where(table.c.state == _WAITS, table.c.due_at <= bindparam("now"))
    return due.order_by(table.c.due_at).limit(_LEASED_AT_ONCE)


@cache
def _change(table: Table, names: tuple[str, ...]) -> Update:
    """Sets these columns of a row that is still ours; `_key` says which row."""
    ours = table.c.id == bindparam("row_id"), table.c.state == WAITING, table.c.attempts == bindparam("row_attempts")
    return update(table).where(*ours).values({name: bindparam(name) for name in names})


def _key(row: LeasedRow) -> dict[str, object]:
    return {"row_id": row.id, "row_attempts": row.attempts}
