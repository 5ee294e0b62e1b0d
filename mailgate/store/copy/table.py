"""Makes the rows of one database those of another, table by table, and compares every value of them.

What is there already is compared, not copied again: a row that is missing or differs is copied, one that the source no
longer has is removed. A value that the target cannot hold is `Unmovable`, with its table, key and column.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    CursorResult,
    Integer,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.exc import DBAPIError

from mailgate.store.database import Database
from mailgate.store.schema import Compressed, leases, metadata
from mailgate.store.upsert import Statements, for_engine, overwrite

TABLES = tuple(table for table in metadata.sorted_tables if table is not leases)

_ROWS, _BYTES = 500, 16 * 2**20  # a batch is full with either


class Unmovable(Exception):
    """The desk cannot be moved as things are; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Result for a table, now equal in both databases: how many rows it has, and how many were copied or removed."""

    table: str
    rows: int
    copied: int
    removed: int = 0


def copy_all(source: Connection, target: Database) -> Iterator[Moved]:
    """Copies all tables of the source to the target, each after those that it refers to."""
    rows = {}
    for table in TABLES:
        moved = _copy_table(source, target, table)
        rows[table] = moved.rows
        yield moved
    for table in reversed(TABLES):
        # Every row of the source is there by now: if there are more, those are gone from the source.
        if removed := _remove_gone(source, target, table, rows[table]):
            yield Moved(table.name, rows[table], 0, removed)


def _copy_table(source: Connection, target: Database, table: Table) -> Moved:
    rows = copied = 0
    for batch in _batches(source, table):
        rows += len(batch)
        copied += _copy_batch(target, table, batch)
    if copied:  # else every row was just found to be the same
        for batch in _batches(source, table):
            _verify(target, table, batch)
    return Moved(table.name, rows, copied)


def _batches(connection: Connection, table: Table) -> Iterator[list[Row[Any]]]:
    """All rows in the order of their keys, never more in memory than a batch."""
    heavy = any(isinstance(column.type, (LargeBinary, Compressed)) for column in table.c)
    # SQLite steps from row to row by itself; a server is asked for a few at a time.
    options = {} if connection.dialect.name == "sqlite" else {"yield_per": 4 if heavy else _ROWS}
    found = connection.execute(select(table).order_by(*table.primary_key), execution_options=options)
    batch: list[Row[Any]] = []
    size = 0
    while (row := _next_row(found, table, batch)) is not None:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if len(batch) == _ROWS or size >= _BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _next_row(found: CursorResult[Any], table: Table, batch: Sequence[Row[Any]]) -> Row[Any] | None:
    try:
        return found.fetchone()
    except (DBAPIError, ValueError) as error:  # a text that is no UTF-8, a time that is none
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        before = f"behind {_name(table, batch[-1])}" if batch else "the first of a batch"
        raise Unmovable(f"{table.name}: a row of the source cannot be read ({before}): {_words(error)}") from error


def _copy_batch(target: Database, table: Table, rows: Sequence[Row[Any]]) -> int:
    """Copies the rows that are missing or differ, in one transaction, and returns their number.

    A batch that the target does not take is handed to it row by row, so that the faulty one can be named.
    """
    try:
        with target.write() as connection:
            wanted = _differing(connection, table, rows)
            if wanted:
                statement = for_engine(_put(table), connection)
                connection.execute(statement, [dict(row._mapping) for row in wanted])
        return len(wanted)
    except (DBAPIError, UnicodeError) as error:
        if isinstance(error, DBAPIError) and (error.connection_invalidated or error.statement is None):
            raise  # lost, or not even connected
        if len(rows) == 1:
            fault = _find_fault(table, rows[0]) or _words(error)
            raise Unmovable(f"{_name(table, rows[0])} cannot be copied: {fault}") from error
    return sum(_copy_batch(target, table, [row]) for row in rows)


def _verify(target: Database, table: Table, rows: Sequence[Row[Any]]) -> None:
    """Raises Unmovable for the first row that is not in the target as it is in the source."""
    with target.read() as connection:
        differing = _differing(connection, table, rows)
        if not differing:
            return
        row = differing[0]
        there = connection.execute(_look(table), {"keys": [_key(table, row)]}).first()
    if fault := _find_fault(table, row):
        raise Unmovable(f"{_name(table, row)} cannot be copied: {fault}")
    names = [] if there is None else [one.name for one in table.c if row._mapping[one.name] != there._mapping[one.name]]
    raise Unmovable(
        f"{_name(table, row)} differs after it was copied ({', '.join(names) or 'it is missing'}): another "
        f"program writes to {target.name}, or changes what is written there"
    )


def _differing(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Those rows that the database lacks or has otherwise, in any column."""
    found = connection.execute(_look(table), {"keys": [_key(table, row) for row in rows]})
    there = {_key(table, row): _exactly(table, row) for row in found}
    return [row for row in rows if there.get(_key(table, row)) != _exactly(table, row)]


def _exactly(table: Table, row: Row[Any]) -> tuple[object, ...]:
    """The values of a row for comparison: in JSON, 1 is neither 1.0 nor true."""
    places = _json_places(table)
    if not places:
        return tuple(row)
    return tuple(json.dumps(value) if place in places else value for place, value in enumerate(row))


def _remove_gone(source: Connection, target: Database, table: Table, rows: int) -> int:
    """Deletes the rows of the target that the source no longer has, and returns their number."""
    gone: list[Any] = []
    with target.read() as connection:
        if connection.execute(select(func.count()).select_from(table)).scalar_one() == rows:
            return 0
        keys: Select[Any] = select(*table.primary_key)
        found = connection.execute(keys, execution_options={"yield_per": _ROWS})
        for part in found.partitions():
            asked = [_key(table, row) for row in part]
            known = {_key(table, row) for row in source.execute(_look(table, keys_only=True), {"keys": asked})}
            gone.extend(key for key in asked if key not in known)
    for first in range(0, len(gone), _ROWS):
        with target.write() as connection:
            connection.execute(delete(table).where(_key_of(table).in_(gone[first : first + _ROWS])))
    return len(gone)


def _key(table: Table, row: Row[Any]) -> Any:
    """The primary key of a row: a value, or a tuple of them."""
    key = tuple(row._mapping[column.name] for column in table.primary_key)
    return key if len(key) > 1 else key[0]


def _name(table: Table, row: Row[Any]) -> str:
    return f"{table.name}, row {_key(table, row)!r}"


def _find_fault(table: Table, row: Row[Any]) -> str:
    """Finds why PostgreSQL cannot store a row of SQLite; "" if no reason is known."""
    for column in table.c:
        value = row._mapping[column.name]
        if isinstance(value, str) and "\0" in value:
            return f"{column.name} contains a NUL character, which PostgreSQL does not store"
        if isinstance(column.type, Text) and isinstance(value, bytes):
            return f"{column.name} holds bytes, not text"
        if type(column.type) is Integer and isinstance(value, int) and not -(2**31) <= value < 2**31:
            return f"{column.name} is too large"
    return ""


def _words(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())


# Statements are built once: building one costs more than running it.


@cache
def _look(table: Table, *, keys_only: bool = False) -> Select[Any]:
    columns = table.primary_key if keys_only else table.c
    return select(*columns).where(_key_of(table).in_(bindparam("keys", expanding=True)))


@cache
def _put(table: Table) -> Statements:
    key = [column.name for column in table.primary_key]
    return overwrite(table, key, [column.name for column in table.c if column.name not in key])


@cache
def _key_of(table: Table) -> ColumnElement[Any]:
    columns = tuple(table.primary_key)
    return tuple_(*columns) if len(columns) > 1 else columns[0]


@cache
def _json_places(table: Table) -> frozenset[int]:
    return frozenset(place for place, column in enumerate(table.c) if isinstance(column.type, JSON))
