"""The database: tables, columns, keys, indexes and triggers, as `mailgate upgrade` makes them on SQLite."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.contract.configuration import LEAST, write
from tests.contract.desk import call

_OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"


def draw_database(folder: Path) -> Iterator[str]:
    """Yields the version, then a line for each column, key, index and trigger of a new database."""
    (folder / "secret").write_text("0123456789abcdef\n")
    write(folder, LEAST)
    call(folder, "upgrade")
    with closing(sqlite3.connect(folder / "mailgate.db")) as database:
        [(version,)] = database.execute("SELECT version_num FROM alembic_version")
        yield f"version {version}"
        rows = database.execute(_OBJECTS).fetchall()
        virtual = [name for _, name, _, sql in rows if sql.startswith("CREATE VIRTUAL")]
        for kind, name, table, sql in rows:
            if any(name.startswith(f"{one}_") for one in virtual):
                continue  # a shadow table: SQLite's own
            if kind == "table" and name not in virtual:
                yield from _describe_table(database, name)
            elif kind == "index":
                columns = re.sub(r".*?\sON\s+\S+\s*", "", sql, count=1, flags=re.DOTALL)
                unique = "UNIQUE " * sql.startswith("CREATE UNIQUE")
                yield f"index {table}.{name}: {unique}{' '.join(columns.split())}"
            else:
                yield f"{kind} {name}: {' '.join(sql.split())}"


def _describe_table(database: sqlite3.Connection, table: str) -> Iterator[str]:
    key = []
    for _, name, kind, required, default, place in database.execute(f"PRAGMA table_info({table})"):
        facts = [kind, *["NOT NULL"] * required, *[f"DEFAULT {default}"] * (default is not None)]
        yield f"table {table}.{name}: {' '.join(facts)}"
        key += [(place, name)] * (place > 0)
    yield f"table {table}: KEY ({', '.join(name for _, name in sorted(key))})"
    for _, _, other, column, their, *_ in sorted(database.execute(f"PRAGMA foreign_key_list({table})")):
        yield f"table {table}.{column}: REFERENCES {other}.{their}"
    for _, index, unique, origin, _ in sorted(database.execute(f"PRAGMA index_list({table})")):
        if unique and origin == "u":
            columns = [name for _, _, name in database.execute(f"PRAGMA index_info({index})")]
            yield f"table {table}: UNIQUE ({', '.join(columns)})"
