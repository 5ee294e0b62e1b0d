"""Snapshots of a database on either engine: all rows and the next ids, read and restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text

from mailgate.store.database import Database
from mailgate.store.ddl.append_only import create_append_only, drop_append_only
from mailgate.store.schema import metadata

_TABLES = metadata.sorted_tables
_COUNTED = [table for table in _TABLES if "id" in table.c]


@dataclass(frozen=True)
class Rows:
    """The rows of each table, and the id that each gave last."""

    tables: dict[str, list[dict[str, Any]]]
    last: dict[str, int]


def read_rows(database: Database) -> Rows:
    """Read all rows."""
    with database.read() as connection:
        tables = {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in _TABLES}
        return Rows(tables, {table.name: _last_id(connection, table) for table in _COUNTED})


def write_rows(database: Database, rows: Rows) -> None:
    """Replace all rows by those of a snapshot."""
    with database.write() as connection:
        drop_append_only(connection)
        for table in reversed(_TABLES):
            connection.execute(table.delete())
        for table in _TABLES:
            if rows.tables[table.name]:
                connection.execute(insert(table), rows.tables[table.name])
        for table in _COUNTED:
            _go_on_from(connection, table, rows.last[table.name])
        create_append_only(connection)


def _last_id(connection: Connection, table: Table) -> int:
    if connection.dialect.name == "postgresql":
        sequence = connection.execute(text(f"SELECT last_value, is_called FROM {table.name}_id_seq")).one()
        return int(sequence.last_value) - (0 if sequence.is_called else 1)
    found = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}).first()
    return int(found.seq) if found is not None else 0


def _go_on_from(connection: Connection, table: Table, last: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER SEQUENCE {table.name}_id_seq RESTART WITH {last + 1}"))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :seq)"), {"name": table.name, "seq": last})
