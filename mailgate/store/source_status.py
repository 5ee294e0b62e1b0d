"""How each way in fares: when it last brought success, why it fails, and whether the operator was told.

Written by whoever watches a way, read by the clock, which gives alarm, and by `mailgate status`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from mailgate.store.locks import take_advisory_lock
from mailgate.store.schema import ways
from mailgate.store.upsert import Statements, for_engine, overwrite

_GET = select(ways).where(ways.c.name == bindparam("way"))
_HOLD = _GET.with_for_update()


def note_success(connection: Connection, name: str, now: datetime, **figures: object) -> None:
    """The way works; `figures` are what it counted, and replace those of the same name."""
    _put(connection, name, figures, succeeded_at=now, failing_since=None, last_error="")


def note_failure(connection: Connection, name: str, now: datetime, error: str) -> None:
    """The way does not work, and why; since when, if that is the first time."""
    row = get_way(connection, name)
    since = row.failing_since if row is not None and row.failing_since is not None else now
    _put(connection, name, {}, failing_since=since, last_error=error[:2000])


def note_figures(connection: Connection, name: str, **figures: object) -> None:
    """What a way counted, without a word on whether it works."""
    _put(connection, name, figures)


def note_alarm(connection: Connection, name: str, at: datetime | None, **figures: object) -> None:
    """The operator was told that the way stopped; None: that it is well again."""
    _put(connection, name, figures, alarmed_at=at)


def hold_way(connection: Connection, name: str) -> Row[Any] | None:
    """What is known of a way, which nobody else changes, and of which nobody else gives alarm, until this transaction
    ends."""
    take_advisory_lock(connection, f"way {name}")
    return connection.execute(_HOLD, {"way": name}).first()


def get_way(connection: Connection, name: str) -> Row[Any] | None:
    """What is known of a way in."""
    return connection.execute(_GET, {"way": name}).first()


def list_ways(connection: Connection) -> Sequence[Row[Any]]:
    """All ways that were ever watched, by name."""
    return connection.execute(select(ways).order_by(ways.c.name)).all()


def _put(connection: Connection, name: str, figures: dict[str, object], **values: object) -> None:
    row = connection.execute(_HOLD, {"way": name}).first()
    kept = {} if row is None else dict(row.figures)
    values["figures"] = kept | figures
    if row is not None:
        connection.execute(update(ways).where(ways.c.name == name).values(values))
        return
    connection.execute(for_engine(_putting(*values), connection), {"name": name, **values})


@cache
def _putting(*columns: str) -> Statements:
    return overwrite(ways, ["name"], columns)
