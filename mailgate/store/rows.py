"""Typed rows: what the store returns is a NamedTuple whose fields are the columns of its query, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, CursorResult, Result, Table

Made = TypeVar("Made")


def columns_of(table: Table, row: type[NamedTuple]) -> tuple[ColumnElement[Any], ...]:
    """Lists the columns of a table that a row class names; KeyError if the table lacks one."""
    return tuple(table.c[name] for name in row._fields)


def make_rows(make: Callable[[Iterable[Any]], Made], result: Result[Any]) -> list[Made]:
    """Makes typed rows of a result; `make` is the `_make` of their class."""
    return [make(row) for row in result.all()]


def make_first(make: Callable[[Iterable[Any]], Made], result: Result[Any]) -> Made | None:
    """Makes a typed row of the first row of a result; None if it has none."""
    row = result.first()
    return None if row is None else make(row)


def read_new_id(result: CursorResult[Any]) -> int:
    """Returns the id of the row that an INSERT of one row has added.

    The statement has no RETURNING: SQLite's driver knows the id without, and for PostgreSQL SQLAlchemy adds one.
    """
    key = result.inserted_primary_key
    assert key is not None  # of a single row it is there
    return int(key[0])
