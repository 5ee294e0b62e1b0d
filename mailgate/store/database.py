"""The connection to the database: SQLite with write-ahead log and full sync, or PostgreSQL.

A write is one transaction; on SQLite it begins IMMEDIATE, since a transaction that reads and then writes fails
under load, and writers of this process queue at a lock instead of polling for the file's. An empty database gets
its tables; one of another version is refused with the word to run `mailgate upgrade`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from mailgate.store.schema import VERSION, metadata


class WrongDatabase(Exception):
    """There is no database yet, or its tables are of another version; the text says what to do."""


class Database:
    """Opens transactions. `write()` commits on leaving, rolls back on any exception."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.sqlite else create_engine(url, pool_pre_ping=True)
        self._writing = threading.Lock()
        self._watch: PoolProxiedConnection | None = None

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database, else None."""
        name = make_url(self.url).database
        return Path(name) if self.sqlite and name else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction."""
        if not self.sqlite:
            with self.engine.begin() as connection:
                yield connection
            return
        with self._writing, self.engine.connect() as connection, connection.execution_options(immediate=True).begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; writes nothing."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def create(self) -> None:
        """Make the tables of an empty database; refuse one of another version."""
        with self.write() as connection:
            if not inspect(connection).get_table_names():
                metadata.create_all(connection)
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": VERSION})
        self.require()

    def require(self) -> None:
        """Raise WrongDatabase unless the tables are there and of this version."""
        if self.path is not None and not self.path.exists():
            raise WrongDatabase(f"there is no database at {self.path} yet: start `mailgate serve` once to create it")
        try:
            with self.read() as connection:
                if "alembic_version" not in inspect(connection).get_table_names():
                    raise WrongDatabase("the database is empty: start `mailgate serve` once to create its tables")
                found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except OperationalError as error:
            raise WrongDatabase(f"the database cannot be opened: {error.orig}") from error
        if found != VERSION:
            raise WrongDatabase(f"the database has version {found}, this mailgate needs {VERSION}: `mailgate upgrade`")

    def version(self) -> int:
        """A number that changes when another connection has written (SQLite); 0 on PostgreSQL.

        One thread asks: the answer belongs to the connection that is kept for it.
        """
        if not self.sqlite:
            return 0
        if self._watch is None:
            self._watch = self.engine.raw_connection()
        cursor = self._watch.cursor()  # outside any transaction: a view that stands still would never change
        cursor.execute("PRAGMA data_version")
        found = cursor.fetchone()
        cursor.close()
        assert found is not None
        return int(found[0])

    def close(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self.engine.dispose()


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself: it would begin them deferred.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
