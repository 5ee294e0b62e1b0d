"""Schedules: the last day for which a person had a digest, and the last period that a report was sent for.

A day and a period are claimed in the transaction that queues the mail, so that it is sent once, whatever restarts and
however many processes try.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, bindparam, select

from mailgate.core.domains import fold_address
from mailgate.store.schema import bulletins, digests
from mailgate.store.upsert import overwrite_if_greater

# Statements are built once: building one costs more than running it.
_LAST_DAY = select(digests.c.day).where(digests.c.address == bindparam("person"))
_CLAIM_DAY = overwrite_if_greater(digests, "address", "day")
_LAST_PERIOD = select(bulletins.c.period).where(bulletins.c.name == bindparam("report"))
_CLAIM_PERIOD = overwrite_if_greater(bulletins, "name", "period")


def last_day(connection: Connection, address: str) -> date | None:
    """Returns the last day for which a person had a digest, or needed none; None before the first."""
    found = connection.execute(_LAST_DAY, {"person": fold_address(address)}).scalar()
    return date.fromisoformat(found) if found is not None else None


def with_digest(connection: Connection, people: Collection[str]) -> frozenset[str]:
    """Returns those of these folded addresses for whom a digest was sent or found needless before."""
    known = select(digests.c.address).where(digests.c.address.in_(people))
    return frozenset(connection.execute(known).scalars())


def claim_day(connection: Connection, address: str, day: date) -> bool:
    """Claims the digest of a day for this transaction; False where the person had that one or a later one."""
    values = {"address": fold_address(address), "day": day.isoformat()}
    return connection.execute(_CLAIM_DAY[connection.dialect.name], values).first() is not None


def last_period(connection: Connection, name: str) -> str | None:
    """Returns the last period that a report was sent for; None for a new report."""
    found = connection.execute(_LAST_PERIOD, {"report": name}).scalar()
    return str(found) if found is not None else None


def claim_period(connection: Connection, name: str, period: str) -> bool:
    """Claims a period of a report for this transaction; False where that one or a later one was sent.

    Periods are compared as text.
    """
    values = {"name": name, "period": period}
    return connection.execute(_CLAIM_PERIOD[connection.dialect.name], values).first() is not None
