"""Who has had his digest of which day: once for each address and day, whatever restarts and whoever tries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from mailgate.store.schema import digests

_GET = select(digests.c.day).where(digests.c.address == bindparam("person"))


def last_day(connection: Connection, address: str) -> date | None:
    """The last day for which somebody had a digest, or was found to need none."""
    found = connection.execute(_GET, {"person": address.casefold()}).scalar()
    return date.fromisoformat(found) if found is not None else None


def claim_day(connection: Connection, address: str, day: date) -> bool:
    """Note that this transaction gives somebody the digest of that day; False where he had it, or a later one."""
    values = {"address": address.casefold(), "day": day.isoformat()}
    return connection.execute(_CLAIMS[connection.dialect.name], values).first() is not None


def _claims() -> Mapping[str, ReturningInsert[tuple[str]]]:
    on_postgres, on_sqlite = postgresql.insert(digests), sqlite.insert(digests)
    return {
        "postgresql": on_postgres.on_conflict_do_update(
            index_elements=["address"],
            set_={"day": on_postgres.excluded.day},
            where=digests.c.day < on_postgres.excluded.day,
        ).returning(digests.c.day),
        "sqlite": on_sqlite.on_conflict_do_update(
            index_elements=["address"],
            set_={"day": on_sqlite.excluded.day},
            where=digests.c.day < on_sqlite.excluded.day,
        ).returning(digests.c.day),
    }


_CLAIMS = _claims()
