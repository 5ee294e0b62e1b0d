"""Write-behind: what a transaction adds waits for its end, and is written by one statement for each kind of row.

`write_later` takes the rows of an insert or update that returns nothing. They are written before the transaction
commits, before a savepoint begins or is released, and before any statement that uses their table: no statement sees
the table without them. What was added since a savepoint that is rolled back is dropped. An error of the database comes
when the rows are written; from then on the transaction cannot commit.

A `ReadCache` keeps what a transaction has read. It is emptied by what writes its tables, without exception, so that a
value is kept only where the writer says which keys it touches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Executable, Insert, NestedTransaction, Table, Update

from mailgate.store.table_use import TableUse, find_named_tables, find_tables

Rows = list[dict[str, Any]]
_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")

_MOST_ROWS = 1_000  # that wait for one table
_MOST_VALUES = 1_000  # of one cache


class WriteConnection(Connection):
    """The connection of a write transaction, with the rows that wait and the values that were read."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._waiting: dict[str, list[_Group]] = {}  # by table, in the order in which they will be written
        self._caches: dict[ReadCache[Any, Any], dict[Any, Any]] = {}
        self._error: BaseException | None = None

    def execute(self, statement: Executable, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """Executes a statement, after the rows that wait for its tables."""
        if self._waiting or self._caches:
            self._prepare(find_tables(statement))
        return super().execute(statement, parameters, execution_options=execution_options)

    def scalar(self, statement: Executable, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """Executes a statement as `execute` does, and returns the first column of its first row."""
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def exec_driver_sql(self, statement: str, parameters: Any = None, execution_options: Any = None) -> Any:
        """Executes SQL text, after the rows that wait for the tables that it names."""
        if self._waiting or self._caches:
            self._prepare(find_named_tables(statement))
        return super().exec_driver_sql(statement, parameters, execution_options)

    def begin_nested(self) -> NestedTransaction:
        """Begins a savepoint, after all rows that wait: what waits later belongs to it."""
        self.write_waiting()
        return _Savepoint(self)

    def execute_touching(self, statement: Executable, values: dict[str, Any], touches: Collection[Hashable]) -> Any:
        """Executes a statement as `execute_touching` of the module says."""
        use = find_tables(statement)
        for table in use.used.intersection(self._waiting):
            # The rows of a table get their ids in the order of their creation.
            if any(isinstance(one.statement, Insert) or one.must_precede(touches) for one in self._waiting[table]):
                self.write_waiting((table,))
        self._drop(use.written, touches)
        return super().execute(statement, values)

    def add_waiting(
        self, statement: Insert | Update, rows: Rows, touches: Collection[Hashable] | None, lost: type[Exception] | None
    ) -> None:
        """Adds rows of one statement to those that wait; see `write_later`."""
        table = str(statement.table)
        groups = self._waiting.setdefault(table, [])
        for group in reversed(groups):
            if group.accepts(statement, rows[0]):
                break
            if group.must_precede(touches):
                groups.append(group := _Group(statement, rows[0], lost))
                break
        else:
            groups.append(group := _Group(statement, rows[0], lost))
        group.add(rows, touches)
        self._drop((table,), touches)
        if len(group.rows) >= _MOST_ROWS:
            self.write_waiting((table,))

    def write_waiting(self, tables: Collection[str] | None = None) -> None:
        """Writes the rows that wait for these tables, in their order; None: for all."""
        if self._error is not None:
            raise self._error
        try:
            for table in [table for table in self._waiting if tables is None or table in tables]:
                for group in self._waiting.pop(table):
                    group.check(super().execute(group.statement, group.rows if len(group.rows) > 1 else group.rows[0]))
        except BaseException as error:  # what was popped is lost: nothing of it may be committed
            self._error = error
            raise

    def forget(self) -> None:
        """Drops the rows that wait and the values that were read, since a savepoint is rolled back."""
        self._waiting.clear()
        self._caches.clear()
        self._error = None

    def forget_key(self, key: Hashable) -> None:
        """Drops the values of a key from all caches."""
        for values in self._caches.values():
            values.pop(key, None)

    def cached(self, cache: ReadCache[_K, _V]) -> dict[_K, _V]:
        """Returns the values of a cache."""
        values = self._caches.setdefault(cache, {})
        if len(values) >= _MOST_VALUES:
            values.clear()
        return values

    def _prepare(self, use: TableUse) -> None:
        if self._waiting and not use.used.isdisjoint(self._waiting):
            self.write_waiting(use.used)
        if use.written and self._caches:
            self._drop(use.written, None)

    def _drop(self, tables: Iterable[str], touches: Collection[Hashable] | None) -> None:
        """Drops the values of these keys from all caches of the tables; None: all values."""
        for table in tables:
            for cache in _CACHES_OF.get(table, ()):
                values = self._caches.get(cache)
                if values and touches is None:
                    values.clear()
                elif values:
                    for key in touches or ():
                        values.pop(key, None)


class _Savepoint(NestedTransaction):
    """A savepoint that writes what waits before it is released, and drops it when it is rolled back."""

    connection: WriteConnection

    def commit(self) -> None:
        self.connection.write_waiting()
        super().commit()

    def rollback(self) -> None:
        if self.is_active:
            self.connection.forget()
        super().rollback()

    def close(self) -> None:
        if self.is_active:
            self.connection.forget()
        super().close()


class _Group:
    """Rows that one statement will write together."""

    def __init__(self, statement: Insert | Update, row: Mapping[str, Any], lost: type[Exception] | None) -> None:
        self.statement = statement
        self.rows: Rows = []
        self._names = row.keys()
        self._touched: set[Hashable] | None = set()  # None: nobody knows
        self._lost = lost

    def accepts(self, statement: Insert | Update, row: Mapping[str, Any]) -> bool:
        """Tells whether a row of this statement can be written together with these."""
        return statement is self.statement and row.keys() == self._names

    def must_precede(self, touches: Collection[Hashable] | None) -> bool:
        """Tells whether a row that touches these keys may concern a row of this group."""
        return touches is None or self._touched is None or not self._touched.isdisjoint(touches)

    def add(self, rows: Rows, touches: Collection[Hashable] | None) -> None:
        self.rows.extend(rows)
        if touches is None:
            self._touched = None
        elif self._touched is not None:
            self._touched.update(touches)

    def check(self, result: CursorResult[Any]) -> None:
        if self._lost is not None and result.rowcount != len(self.rows):
            raise self._lost(f"{result.rowcount} of {len(self.rows)} rows of {self.statement.table} are still ours")


class ReadCache(Generic[_K, _V]):
    """Values of one kind that a transaction has read from some tables, by their keys.

    `of_new` makes the value of a ticket that this transaction has just opened, for a cache with tickets' ids as keys.
    """

    def __init__(self, *tables: Table, of_new: Callable[[], _V] | None = None) -> None:
        self.of_new = of_new
        for table in tables:
            _CACHES_OF.setdefault(table.name, []).append(self)
        if of_new is not None:
            _OF_NEW.append(self)

    def read(self, connection: Connection, key: _K, load: Callable[[], _V]) -> _V:
        """Returns the value of a key, loaded by `load` where it is not known; outside a write transaction always."""
        if not isinstance(connection, WriteConnection):
            return load()
        values = connection.cached(self)
        if key not in values:
            values[key] = load()
        return values[key]

    def values(self, connection: Connection) -> dict[_K, _V]:
        """Returns the values that are known, to be changed; outside a write transaction an empty dictionary."""
        return connection.cached(self) if isinstance(connection, WriteConnection) else {}


_CACHES_OF: dict[str, list[ReadCache[Any, Any]]] = {}  # by the name of the table
_OF_NEW: list[ReadCache[Any, Any]] = []  # those that know of a new ticket that it has nothing yet


def note_new_ticket(connection: Connection, ticket_id: int) -> None:
    """Notes that this transaction has opened a ticket: it has nothing yet that would have to be read."""
    for cache in _OF_NEW:
        if cache.of_new is not None:
            cache.values(connection)[ticket_id] = cache.of_new()


def forget_key(connection: Connection, key: Hashable) -> None:
    """Drops the values of a key from all caches, since another transaction may have changed its rows meanwhile."""
    if isinstance(connection, WriteConnection):
        connection.forget_key(key)


def write_later(
    connection: Connection,
    statement: Insert | Update,
    rows: Rows,
    *,
    touches: Collection[Hashable] | None = None,
    lost: type[Exception] | None = None,
) -> None:
    """Lets rows of one statement, all with the same names, wait until something uses their table; see the module.

    Rows of one statement are written in their order. `touches` are keys of what these rows insert or change: other
    statements' rows of the same table may be written before or after them where they touch other keys; None: unknown,
    so that the order is kept. `lost` is raised where an update finds fewer rows than it was given. Outside a write
    transaction the rows are written at once.
    """
    if not rows:
        return
    if isinstance(connection, WriteConnection):
        connection.add_waiting(statement, rows, touches, lost)
    else:
        connection.execute(statement, rows)


def execute_touching(
    connection: Connection, statement: Executable, values: dict[str, Any], touches: Collection[Hashable]
) -> CursorResult[Any]:
    """Executes a write that concerns no rows but those of these keys: caches keep the values of all others."""
    if not isinstance(connection, WriteConnection):
        return connection.execute(statement, values)
    result: CursorResult[Any] = connection.execute_touching(statement, values, touches)
    return result
