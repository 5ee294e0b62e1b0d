"""Inserts that may meet a row of the same key: it stays as it is, or it is overwritten, or only by a later value.

Such a statement is written differently for each engine; both are built once, and the connection's is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

Statements = Mapping[str, Insert]  # by the name of the engine's dialect


def keep_first(table: Table) -> Statements:
    """Builds an insert that changes nothing where the key is taken."""
    return {
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
    }


def overwrite(table: Table, key: Sequence[str], columns: Sequence[str]) -> Statements:
    """Builds an insert that gives these columns the new values where the key is taken."""
    on_postgres, on_sqlite = postgresql.insert(table), sqlite.insert(table)
    return {
        "postgresql": on_postgres.on_conflict_do_update(
            index_elements=key, set_={name: on_postgres.excluded[name] for name in columns}
        ),
        "sqlite": on_sqlite.on_conflict_do_update(
            index_elements=key, set_={name: on_sqlite.excluded[name] for name in columns}
        ),
    }


def overwrite_if_greater(table: Table, key: str, mark: str) -> Mapping[str, ReturningInsert[tuple[str]]]:
    """Builds an insert that, where the key is taken, sets a greater value of `mark`; returns a row if it wrote one."""
    column, built = table.c[mark], {}
    for engine, statement in (("postgresql", postgresql.insert(table)), ("sqlite", sqlite.insert(table))):
        new = statement.excluded[mark]
        moved = statement.on_conflict_do_update(index_elements=[key], set_={mark: new}, where=column < new)
        built[engine] = moved.returning(column)
    return built


def for_engine(statements: Statements, connection: Connection) -> Insert:
    """The statement in the words of the connection's engine."""
    return statements[connection.dialect.name]
