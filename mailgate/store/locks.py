"""Locks: one `serve` per SQLite database, leases of duties between processes, advisory locks between transactions.

- `lock_database`: a lock file beside a SQLite database, held as long as a process of the desk lives. PostgreSQL needs
  none: any number of processes share it.
- `hold_lease`: a duty that one process has at a time, such as reading a mailbox; it is renewed, or expires.
- `take_advisory_lock`: transactions that concern one subject, one after the other; PostgreSQL only.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper

from sqlalchemy import Connection, Text, bindparam, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from mailgate.store.database import Database
from mailgate.store.files_beside import open_beside
from mailgate.store.schema import leases

_NAMES = bindparam("names", type_=postgresql.ARRAY(Text))
_ADVISORY_LOCKS = select(func.pg_advisory_xact_lock(func.hashtextextended(func.unnest(_NAMES), 0)))
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_PATIENCE = 2.0  # seconds: the processes of a desk that was killed end a moment after it


class _TakenBack(Exception):
    """Raised to roll a transaction back."""


class AlreadyServed(Exception):
    """Raised where another `serve` has locked this database."""


def lock_database(database: Database, patience: float = _PATIENCE) -> TextIOWrapper | None:
    """Locks a SQLite database for as long as the returned file is open; raises AlreadyServed if another process does.

    Processes that are forked meanwhile hold the lock too. `patience` is in seconds.
    """
    if database.path is None:
        return None
    path = database.path.with_name(database.path.name + ".lock")
    held = os.fdopen(open_beside(path, database.path), "a+", encoding="ascii", errors="replace")
    if not _lock(held, patience):
        held.seek(0)
        holder = held.read().strip() or "another process"
        held.close()
        raise AlreadyServed(
            f"{database.path} is served by process {holder}: stop it first, or give this desk its own database"
        )
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def _lock(file: TextIOWrapper, patience: float) -> bool:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)


def hold_lease(connection: Connection, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Takes or renews a lease until `until`; False while another process holds it."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    mine = {"holder": holder, "until": until}
    statement = dialect.insert(leases).values(name=name, **mine)
    free = or_(leases.c.holder == holder, leases.c.until <= now)
    return (
        connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_=mine, where=free).returning(leases.c.name)
        ).first()
        is not None
    )


def find_lease_end(connection: Connection, name: str) -> datetime | None:
    """Returns when a lease runs out unless its holder renews it; None where nobody has it."""
    return connection.execute(select(leases.c.until).where(leases.c.name == name)).scalar()


def find_last_lease(connection: Connection, now: datetime) -> datetime | None:
    """Returns when the last lease of a desk runs out; None where no desk runs on this database."""
    return connection.execute(select(func.max(leases.c.until)).where(leases.c.until > now)).scalar()


def try_write(database: Database) -> None:
    """Writes a lease that ended long ago and takes it back; raises what the database says to a write."""
    with suppress(_TakenBack), database.write() as connection:
        hold_lease(connection, "try", "nobody", _LONG_AGO, _LONG_AGO)
        raise _TakenBack


def free_lease(connection: Connection, name: str, holder: str) -> None:
    """Releases a lease, so that another process need not wait for its end."""
    connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def take_advisory_lock(connection: Connection, name: str) -> None:
    """Takes the advisory lock of a name, which this transaction holds until it ends; waits for another one's.

    The statements that follow see what the other transaction wrote. Does nothing on SQLite, which has one writer.
    """
    take_advisory_locks(connection, (name,))


def take_advisory_locks(connection: Connection, names: Collection[str]) -> None:
    """Takes the advisory locks of several names, always in the same order, as `take_advisory_lock` does that of one."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ADVISORY_LOCKS, {"names": sorted(names)})
