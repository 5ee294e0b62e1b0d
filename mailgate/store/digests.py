"""Who has had his digest of which day: once for each address and day, whatever restarts and whoever tries."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, bindparam, select

from mailgate.store.conflicts import move_on
from mailgate.store.schema import digests

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
