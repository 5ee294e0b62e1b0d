"""SLA plans: the configuration by which each queue's open tickets were planned, and the progress of a new planning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, select, update

from mailgate.store.rows import columns_of, make_rows
from mailgate.store.schema import plans, tickets
from mailgate.store.upsert import for_engine, overwrite
from mailgate.store.write_behind import ReadCache


class PlanRow(NamedTuple):
    """The planning of a queue: the columns of the table. `cursor` is the last ticket it has come to, None after all."""

    queue: str
    fingerprint: str
    cursor: int | None
    changed: int
    late: int
    planned_at: datetime


_BEGIN = overwrite(plans, ["queue"], ["fingerprint", "cursor", "changed", "late", "planned_at"])
_LIST: Select[Any] = select(*columns_of(plans, PlanRow))
_PLANS = ReadCache[str, list[PlanRow]](plans)
_OPEN: Select[Any] = (
    select(tickets.c.id)
    .where(
        tickets.c.queue == bindparam("queue"),
        tickets.c.id > bindparam("after"),
        tickets.c.state != "closed",
    )
    .order_by(tickets.c.id)
    .limit(bindparam("most"))
)


def list_plans(connection: Connection) -> list[PlanRow]:
    """Lists the plans of all queues that were ever planned."""
    return _PLANS.read(connection, "", lambda: make_rows(PlanRow._make, connection.execute(_LIST)))


def begin_plan(connection: Connection, queue: str, fingerprint: str, now: datetime) -> None:
    """Restarts the planning of a queue."""
    values = {"queue": queue, "fingerprint": fingerprint, "cursor": 0, "changed": 0, "late": 0, "planned_at": now}
    connection.execute(for_engine(_BEGIN, connection), values)


def note_planned(connection: Connection, queue: str, cursor: int | None, changed: int, late: int) -> None:
    """Records the progress of a planning: its last ticket, None after all of them, and the counts so far."""
    values = {"cursor": cursor, "changed": changed, "late": late}
    connection.execute(update(plans).where(plans.c.queue == queue).values(**values))


def list_open(connection: Connection, queue: str, after: int, most: int) -> Sequence[int]:
    """Lists the next open tickets of a queue by their ids."""
    return connection.execute(_OPEN, {"queue": queue, "after": after, "most": most}).scalars().all()
