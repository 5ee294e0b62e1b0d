"""Which period a mailed report has told of: each once, whatever restarts and whoever tries."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from mailgate.store.conflicts import move_on
from mailgate.store.schema import bulletins

_GET = select(bulletins.c.period).where(bulletins.c.name == bindparam("report"))
_CLAIM = move_on(bulletins, "name", "period")


def last_period(connection: Connection, name: str) -> str | None:
    """The last period that this report has told of, None for a report that is new."""
    found = connection.execute(_GET, {"report": name}).scalar()
    return str(found) if found is not None else None


def claim_period(connection: Connection, name: str, period: str) -> bool:
    """Note that this transaction tells of that period; False where it was told, or a later one. Periods are compared
    as text."""
    values = {"name": name, "period": period}
    return connection.execute(_CLAIM[connection.dialect.name], values).first() is not None
