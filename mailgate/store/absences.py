"""Who is away, and until when: meanwhile the mailbox of his level gets what is assigned to him.

An absence that is over counts as none; the next one takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from mailgate.store.conflicts import for_engine, overwrite
from mailgate.store.schema import absences

_PUT = overwrite(absences, ["address"], ["until"])
_RUNNING = select(absences).where(absences.c.until > bindparam("now")).order_by(absences.c.address)
_GET = select(absences.c.until).where(absences.c.address == bindparam("person"), absences.c.until > bindparam("now"))
_END = delete(absences).where(absences.c.address == bindparam("person"))


def put_absence(connection: Connection, address: str, until: datetime) -> None:
    """Somebody is away until then, whatever was said before."""
    connection.execute(for_engine(_PUT, connection), {"address": address.casefold(), "until": until})


def get_absence(connection: Connection, address: str, now: datetime) -> datetime | None:
    """Until when somebody is away, None for one who is here."""
    found: datetime | None = connection.execute(_GET, {"person": address.casefold(), "now": now}).scalar()
    return found


def list_absences(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """Everybody who is away: (address, until), in the order of the alphabet."""
    return connection.execute(_RUNNING, {"now": now}).all()


def end_absence(connection: Connection, address: str) -> None:
    """Somebody is back."""
    connection.execute(_END, {"person": address.casefold()})
