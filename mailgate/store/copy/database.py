"""Copies a whole desk from one database to another while it is stopped, verified row by row (`mailgate upgrade --to`).

Until everything is verified the target's version is MOVING, so that no `serve` starts on an incomplete copy, and a
table of its own names the desk that is copied. What an interrupted move left is compared and completed by the next one:
a row that is missing or differs is copied, one that the source no longer has is removed. The source is only read.

Raises `Unmovable` for what an operator can correct. A database that goes away is a DBAPIError; the same move goes on
later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
    text,
)

from mailgate.store.change_watch import open_watch
from mailgate.store.copy.table import TABLES, Moved, Unmovable, copy_all
from mailgate.store.database import MOVING, Database
from mailgate.store.ddl.append_only import create_append_only, drop_append_only
from mailgate.store.locks import find_last_lease
from mailgate.store.schema import VERSION, Moment, journal, metadata

_ROUNDS = 5
_AGAIN = "empty it (or drop and create it), then run the same command again"

_marker = Table(
    "moving",
    MetaData(),
    Column("desk", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
)


def move(source: Database, target: Database, now: datetime) -> Iterator[Moved]:
    """Copies a desk table by table; it is complete, and can be served, when the iteration ends.

    The caller holds the locks of both files. Raises Unmovable and DBAPIError; the target then stays half a desk.
    """
    _refuse_served(source, now)
    _claim(source, target, now)
    watch = open_watch(source)
    try:
        for _ in range(_ROUNDS):
            changed = False
            with source.read() as connection:
                for moved in copy_all(connection, target):
                    changed = changed or bool(moved.copied or moved.removed)
                    yield moved
                next_ids = _read_next_ids(connection)
            # A file tells whether anybody wrote to it meanwhile. A server does not: it is read until nothing is new.
            if not (watch.wait(0) if source.sqlite else changed):
                _finish(target, next_ids)
                return
    finally:
        watch.close()
    raise Unmovable(
        f"{source.name} is still being written to: stop everything that runs `mailgate pipe` or another command "
        "of this desk, then run the same command again"
    )


# -- the target ------------------------------------------------------------------------------------------------------


def _claim(source: Database, target: Database, now: datetime) -> None:
    """Marks an empty target as an unfinished copy, or continues an earlier one; rejects every other target."""
    with source.read() as connection:
        desk = _identify(connection)
    if not desk:
        raise Unmovable(
            "this desk has received no email yet, so there is nothing to move: just name the other database"
        )
    with target.read() as connection:
        names = set(inspect(connection).get_table_names())
        if not target.sqlite and (encoding := connection.execute(text("SHOW server_encoding")).scalar()) != "UTF8":
            raise Unmovable(f"{target.name} stores text as {encoding}: create a database WITH ENCODING 'UTF8'")
        if _marker.name in names:
            _require_same_desk(connection, target, desk)
            return
        if names:
            _require_unused(connection, target, names, desk)
    if names:
        _refuse_served(target, now)
    else:
        target.create()
    with target.write() as connection:
        _marker.create(connection)
        drop_append_only(connection)
        marks = {"desk": desk, "source": source.name, "version": VERSION, "started_at": now}
        connection.execute(insert(_marker), marks)
        _set_version(connection, MOVING)


def _identify(connection: Connection) -> str:
    """Identifies a desk by the first mail that it received; "" where there was none."""
    columns = ("id", "received_at", "source", "sender", "message_id", "size")
    first = connection.execute(select(*(journal.c[name] for name in columns)).order_by(journal.c.id).limit(1)).first()
    return sha256(repr(tuple(first)).encode()).hexdigest() if first is not None else ""


def _require_same_desk(connection: Connection, target: Database, desk: str) -> None:
    found = connection.execute(select(_marker)).one()
    if found.desk != desk:
        raise Unmovable(
            f"{target.name} contains an incomplete copy of another desk, {found.source}: name another database"
        )
    if found.version != VERSION:
        raise Unmovable(f"{target.name} contains an incomplete copy with tables of version {found.version}: {_AGAIN}")


def _require_unused(connection: Connection, target: Database, names: set[str], desk: str) -> None:
    """Raises Unmovable for a target with other tables or any row; empty tables of this version are accepted."""
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if names >= _ours() else ""
    if version != VERSION:
        raise Unmovable(f"{target.name} contains tables that are not from this mailgate: name an empty database")
    if _identify(connection) == desk:
        raise Unmovable(
            f"{target.name} already contains this desk: an earlier move was completed. Name it in the "
            f"configuration; or, if nothing received there since then is needed, {_AGAIN}"
        )
    if any(connection.execute(select(*table.primary_key).limit(1)).first() for table in TABLES):
        raise Unmovable(f"{target.name} already contains another desk: name an empty database")


def _ours() -> set[str]:
    return {"alembic_version", *metadata.tables}


def _refuse_served(database: Database, now: datetime) -> None:
    """Raises Unmovable where a desk runs on a database server: it has no lock file, but its leases show that."""
    if database.sqlite:
        return
    with database.read() as connection:
        held = find_last_lease(connection, now)
    if held is not None:
        raise Unmovable(
            f"{database.name} is served: stop every `mailgate serve` of it first. One that was killed is forgotten at"
            f" {held:%H:%M:%S} UTC"
        )


def _set_version(connection: Connection, version: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def _finish(target: Database, next_ids: dict[str, int]) -> None:
    """Continues the ids of the source in the target, and completes the target."""
    with target.write() as connection:
        for name, next_id in next_ids.items():
            if not target.sqlite:
                values = {"name": name, "next": next_id}
                connection.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :next, false)"), values)
            elif metadata.tables[name].dialect_options["sqlite"]["autoincrement"]:
                values = {"name": name, "last": next_id - 1}
                connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
                connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), values)
        if not target.sqlite:  # else its planner knows nothing of the new rows for a while
            connection.exec_driver_sql(f"ANALYZE {', '.join(table.name for table in TABLES)}")
        create_append_only(connection)
        _marker.drop(connection)
        _set_version(connection, VERSION)


def _read_next_ids(connection: Connection) -> dict[str, int]:
    """The id that each counted table gives next: never one that was given before, even to a row that is gone."""
    found = {}
    for table in TABLES:
        if table.autoincrement_column is None:
            continue
        highest = connection.execute(select(func.max(table.c.id))).scalar() or 0
        if connection.dialect.name == "sqlite":
            given = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
            found[table.name] = max(highest, given.scalar() or 0) + 1
        else:
            sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar_one()
            next_id = connection.execute(text(f"SELECT last_value + CAST(is_called AS int) FROM {sequence}"))
            found[table.name] = max(highest + 1, next_id.scalar_one())
    return found
