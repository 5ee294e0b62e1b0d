"""Who has had his digest of which day: once for each address and day, whatever restarts and whoever tries."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, bindparam, select

from mailgate.store.schema import bulletins, digests
from mailgate.store.upsert import move_on

_GET = select(digests.c.day).where(digests.c.address == bindparam("person"))
_CLAIM = move_on(digests, "address", "day")


def last_day(connection: Connection, address: str) -> date | None:
    """The last day for which somebody had a digest, or was found to need none."""
    found = connection.execute(_GET, {"person": address.casefold()}).scalar()
    return date.fromisoformat(found) if found is not None else None


def claim_day(connection: Connection, address: str, day: date) -> bool:
    """Note that this transaction gives somebody the digest of that day; False where he had it, or a later one."""
    values = {"address": address.casefold(), "day": day.isoformat()}
    return connection.execute(_CLAIM[connection.dialect.name], values).first() is not None


_GET_BULLETINS = select(bulletins.c.period).where(bulletins.c.name == bindparam("report"))
_CLAIM_BULLETINS = move_on(bulletins, "name", "period")


def last_period(connection: Connection, name: str) -> str | None:
    """The last period that this report has told of, None for a report that is new."""
    found = connection.execute(_GET_BULLETINS, {"report": name}).scalar()
    return str(found) if found is not None else None


def claim_period(connection: Connection, name: str, period: str) -> bool:
    """Note that this transaction tells of that period; False where it was told, or a later one. Periods are compared
    as text."""
    values = {"name": name, "period": period}
    return connection.execute(_CLAIM_BULLETINS[connection.dialect.name], values).first() is not None
