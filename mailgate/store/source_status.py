"""Status of each source: when it last succeeded, why it fails, and whether the operator was alarmed.

Written by the source itself, read by the clock role, which sends alarms, and by `mailgate status`. The same table has
the signs of life of the roles, and the last jump of the clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from mailgate.store.locks import take_advisory_lock
from mailgate.store.rows import columns_of, make_first, make_rows
from mailgate.store.schema import ways
from mailgate.store.upsert import Statements, for_engine, overwrite


class SourceStatusRow(NamedTuple):
    """The status of a source, of the relay or of the desk itself: the columns of the table."""

    name: str
    succeeded_at: datetime | None
    failing_since: datetime | None
    last_error: str
    alarmed_at: datetime | None
    figures: dict[str, Any]


class RoleSign(NamedTuple):
    """The last sign of life of a role on a host; `since` is when its process started."""

    role: str
    host: str
    pid: int
    since: datetime
    at: datetime


ALARM = "alarm "
"""Prefix of the names of rows of kinds of alarm; their figure `held` lists those that were held back."""

_ROLE = "role "  # what the names of the rows of roles begin with
_GONE = timedelta(days=1)  # a host without a sign for so long is forgotten
_GET = select(*columns_of(ways, SourceStatusRow)).where(ways.c.name == bindparam("way"))
_HOLD = _GET.with_for_update()


def note_success(connection: Connection, name: str, now: datetime, **figures: object) -> bool:
    """Records that a source works; True where it had failed until now.

    `figures` are its counts, and replace those of the same name.
    """
    before = _put(connection, name, figures, succeeded_at=now, failing_since=None, last_error="")
    return before is not None and before.failing_since is not None


def note_failure(connection: Connection, name: str, now: datetime, error: str) -> None:
    """Records that a source fails, and why; and since when, at the first failure."""
    row = get_status(connection, name)
    since = row.failing_since if row is not None and row.failing_since is not None else now
    _put(connection, name, {}, failing_since=since, last_error=error[:2000])


def note_figures(connection: Connection, name: str, **figures: object) -> None:
    """Records counts of a source, which say nothing on whether it works."""
    _put(connection, name, figures)


def note_alarm(connection: Connection, name: str, at: datetime | None, **figures: object) -> None:
    """Records when the operator was alarmed about a source; None: that it works again."""
    _put(connection, name, figures, alarmed_at=at)


def note_signs(
    connection: Connection, roles: Iterable[str], host: str, pid: int, since: datetime, now: datetime
) -> None:
    """Records that the roles of a process on a host live."""
    for role in sorted(roles):
        name = f"{_ROLE}{role}"
        row = lock_status(connection, name)
        hosts = {} if row is None else row.figures.get("hosts", {})
        kept = {one: sign for one, sign in hosts.items() if abs(now - datetime.fromisoformat(sign[2])) < _GONE}
        kept[host] = [pid, since.isoformat(), now.isoformat()]
        note_success(connection, name, now, hosts=kept)


def withdraw_signs(connection: Connection, roles: Iterable[str], host: str) -> None:
    """Takes back the signs of roles on a host that ended in order; that there were some stays known."""
    for role in sorted(roles):
        row = lock_status(connection, f"{_ROLE}{role}")
        if row is not None:
            hosts = {one: sign for one, sign in row.figures.get("hosts", {}).items() if one != host}
            note_figures(connection, row.name, hosts=hosts)


def role_of(row: SourceStatusRow) -> str | None:
    """Returns the role that a row is of; None for other rows."""
    return row.name.removeprefix(_ROLE) if row.name.startswith(_ROLE) else None


def read_signs(row: SourceStatusRow) -> list[RoleSign]:
    """Reads the signs of a role, one for each host; none from a row that is not of a role."""
    role = role_of(row)
    if role is None:
        return []
    return [
        RoleSign(role, host, int(pid), datetime.fromisoformat(since), datetime.fromisoformat(at))
        for host, (pid, since, at) in sorted(row.figures.get("hosts", {}).items())
    ]


def held_alarms(row: SourceStatusRow) -> list[Any]:
    """Returns the alarms that were held back, as JSON; none from a row that is not of a kind of alarm."""
    return list(row.figures.get("held", ())) if row.name.startswith(ALARM) else []


def settle_clock(connection: Connection, now: datetime) -> None:
    """Sets times to come to now: a clock that was ahead wrote them, and what is compared with them would be deaf."""
    for column in (ways.c.succeeded_at, ways.c.failing_since, ways.c.alarmed_at):
        connection.execute(update(ways).where(column > now).values({column.name: now}))


def lock_status(connection: Connection, name: str) -> SourceStatusRow | None:
    """Locks and returns the status of a source: until this transaction ends no other one changes it or alarms."""
    take_advisory_lock(connection, f"way {name}")
    return make_first(SourceStatusRow._make, connection.execute(_HOLD, {"way": name}))


def get_status(connection: Connection, name: str) -> SourceStatusRow | None:
    """Returns the status of a source; None where it was never recorded."""
    return make_first(SourceStatusRow._make, connection.execute(_GET, {"way": name}))


def list_statuses(connection: Connection) -> list[SourceStatusRow]:
    """Lists the status of every source that was ever watched, by name."""
    query = select(*columns_of(ways, SourceStatusRow)).order_by(ways.c.name)
    return make_rows(SourceStatusRow._make, connection.execute(query))


def _put(connection: Connection, name: str, figures: dict[str, object], **values: object) -> SourceStatusRow | None:
    """Writes the status of a source, and returns it as it was before."""
    row = make_first(SourceStatusRow._make, connection.execute(_HOLD, {"way": name}))
    kept = {} if row is None else dict(row.figures)
    values["figures"] = kept | figures
    if row is not None:
        connection.execute(update(ways).where(ways.c.name == name).values(values))
    else:
        connection.execute(for_engine(_putting(*values), connection), {"name": name, **values})
    return row


@cache
def _putting(*columns: str) -> Statements:
    return overwrite(ways, ["name"], columns)
