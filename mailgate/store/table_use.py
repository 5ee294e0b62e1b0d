"""Table use: the tables that a statement reads or writes.

Found once for each statement object, by its parts; for SQL text by the names of tables in it.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import ClauseElement, ColumnClause, Executable, Table, TextClause, UpdateBase
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql import visitors

from mailgate.store.schema import metadata

_WORD = re.compile(r"\w+")


class TableUse(NamedTuple):
    """The names of the tables that a statement uses, and of those among them that it writes."""

    used: frozenset[str]
    written: frozenset[str]


_FOUND: WeakKeyDictionary[Executable, TableUse] = WeakKeyDictionary()


def find_tables(statement: Executable) -> TableUse:
    """Finds the tables that a statement uses; all tables for one that changes the schema."""
    found = _FOUND.get(statement)
    if found is None:
        found = _FOUND[statement] = _find(statement)
    return found


def find_named_tables(sql: str) -> TableUse:
    """Finds the tables that SQL text names; all that does not begin with SELECT counts as writing them."""
    named = frozenset(metadata.tables.keys() & set(_WORD.findall(sql)))
    return TableUse(named, frozenset() if sql.lstrip()[:6].upper() == "SELECT" else named)


def _find(statement: Executable) -> TableUse:
    if isinstance(statement, ExecutableDDLElement) or not isinstance(statement, ClauseElement):
        every = frozenset(metadata.tables)
        return TableUse(every, every)
    used: set[str] = set()
    written: set[str] = set()
    for part in visitors.iterate(statement):
        if isinstance(part, Table):
            used.add(part.name)
        elif isinstance(part, UpdateBase):
            used.add(str(part.table))
            written.add(str(part.table))
        elif isinstance(part, TextClause):
            named = find_named_tables(part.text)
            used |= named.used
            written |= named.written if isinstance(statement, TextClause) else frozenset()
        elif isinstance(part, ColumnClause) and isinstance(part.table, Table):
            used.add(part.table.name)
    return TableUse(frozenset(used), frozenset(written))
