"""Which period a mailed report has told of: each once, whatever restarts and whoever tries."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from mailgate.store.schema import bulletins

_GET = select(bulletins.c.period).where(bulletins.c.name == bindparam("report"))


def last_period(connection: Connection, name: str) -> str | None:
    """The last period that this report has told of, None for a report that is new."""
    found = connection.execute(_GET, {"report": name}).scalar()
    return str(found) if found is not None else None


def claim_period(connection: Connection, name: str, period: str) -> bool:
    """Note that this transaction tells of that period; False where it was told, or a later one. Periods are compared
    as text."""
    values = {"name": name, "period": period}
    return connection.execute(_CLAIMS[connection.dialect.name], values).first() is not None


def _claims() -> Mapping[str, ReturningInsert[tuple[str]]]:
    on_postgres, on_sqlite = postgresql.insert(bulletins), sqlite.insert(bulletins)
    return {
        "postgresql": on_postgres.on_conflict_do_update(
            index_elements=["name"],
            set_={"period": on_postgres.excluded.period},
            where=bulletins.c.period < on_postgres.excluded.period,
        ).returning(bulletins.c.period),
        "sqlite": on_sqlite.on_conflict_do_update(
            index_elements=["name"],
            set_={"period": on_sqlite.excluded.period},
            where=bulletins.c.period < on_sqlite.excluded.period,
        ).returning(bulletins.c.period),
    }


_CLAIMS = _claims()
