"""The connection to the database: SQLite with write-ahead log and full sync, or PostgreSQL.

A write is one transaction. On SQLite it begins IMMEDIATE, since a transaction that reads and then writes fails under
load, and writers of all processes queue at a lock file instead of polling for the database's. On PostgreSQL a
connection that the server has dropped is replaced before it is used. An empty database gets its tables; one of
another version is refused with the advice to run `mailgate upgrade`.
"""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import sqlite3
import struct
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from mailgate.config.permissions import describe_database_denied
from mailgate.store.after_commit import end_gathering, follow_savepoints, gather_calls
from mailgate.store.announcements import announce, end_noting, gather_new_work
from mailgate.store.ddl.fulltext import FTS
from mailgate.store.files_beside import open_beside
from mailgate.store.schema import VERSION, metadata
from mailgate.store.write_behind import WriteConnection

_CREATING = 0x6D61696C67617465  # "mailgate": the advisory lock of those who would make the tables
# Milliseconds: a transaction that waits longer for a lock fails and is tried again, and a host that vanished in the
# middle of a transaction does not keep its locks for ever. The keepalives are in seconds: the server takes a host for
# vanished after 20, less than a lease, so that its locks are free when its work is.
_POSTGRES_LIMITS = {
    "lock_timeout": 10_000,
    "idle_in_transaction_session_timeout": 60_000,
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 2,
}
# The desk takes a server for vanished after as long (seconds, for data on the way milliseconds). Without these a host
# that is cut off would wait for a quarter of an hour, and its peers with it.
_POSTGRES_REACH = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}
# A mail is acknowledged after its commit (promise 1), so a commit must be on disk whatever the server, the database or
# the role is set to. "remote_apply" is stronger and stays.
_POSTGRES_DURABLE = """
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> 'remote_apply'
"""
# Mails that are stored out of line are compressed in a third of pglz's time. Not every server is built with lz4.
_POSTGRES_COMPRESSION = """
    SELECT set_config(name, 'lz4', false) FROM pg_settings
    WHERE name = 'default_toast_compression' AND setting = 'pglz' AND 'lz4' = ANY (enumvals)
"""
_UNUSED = 5.0  # seconds after which a connection is asked whether it works before it is used again
_AT_END = "mailgate.at_end"  # of a connection: what is to be done before its transaction commits
_USED_AT = "mailgate.used_at"  # of a connection in the pool: when it was given back, monotonic
MOVING = "moving"  # the version of a database that a desk is being moved to (copy/database.py)
_NEXT, _WRITES, _URGENT = range(3)  # bytes of the file of turns
_FLOCK = "hhqqi"  # struct flock: kind, whence, start, length, process
_DENIED = {sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
_CONFLICTS = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available


class WrongDatabase(Exception):
    """Raised where there is no database yet, or its tables are of another version; the text says what to do."""


class EmptyDatabase(WrongDatabase):
    """Raised for a database that exists and has no tables."""


class NotCompacted(Exception):
    """Raised where the file of a SQLite database cannot be rewritten now; the text says why."""


class Database:
    """Opens transactions. `write()` commits on leaving, rolls back on any exception. Build it after a fork."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _open_sqlite(url) if self.sqlite else _open_postgres(url)
        self._turn = _Turn(self.path) if self.sqlite else None
        self._announce: Callable[[Collection[str]], None] | None = None
        follow_savepoints(self.engine)

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database, else None."""
        return sqlite_file(self.url)

    @property
    def name(self) -> str:
        """The database for logs and messages, without its password."""
        url = make_url(self.url)
        return url.difference_update_query(["password"]).render_as_string(hide_password=True)

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Connection]:
        """Opens one write transaction; `urgent` where a peer waits for it, as the sender of a mail does."""
        with (
            self._turn.take(urgent) if self._turn is not None else nullcontext(),
            closing(WriteConnection(self.engine)) as connection,
            connection.execution_options(immediate=True).begin(),
            _ending(connection) as after,
        ):
            new_work = gather_new_work(connection)
            yield connection
        if new_work and not self.sqlite:
            self._announce(new_work) if self._announce is not None else announce(self.engine, new_work)
        for call in after:
            call()

    def announce_by(self, call: Callable[[Collection[str]], None] | None) -> None:
        """Lets `call` announce the queues to which transactions of this process add work; None: each does it itself.

        `call` gets their names, from any thread, after the commit, and must not raise.
        """
        self._announce = call

    def is_urgent(self) -> bool:
        """Tells a writer whether another process waits with an urgent write. Never on PostgreSQL, where none waits."""
        return self._turn is not None and self._turn.is_urgent()

    def is_awaited(self) -> bool:
        """Tells a writer whether anybody waits for its turn, in this process or another. Never on PostgreSQL."""
        return self._turn is not None and self._turn.is_awaited()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Opens a read transaction: one consistent view, which writes nothing."""
        with self.engine.connect() as connection:
            if not self.sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def create(self) -> None:
        """Makes the tables of an empty database; raises WrongDatabase for one of another version."""
        try:
            with self.write() as connection:
                if not self.sqlite:  # several hosts may start at once
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATING})
                if not inspect(connection).get_table_names():
                    metadata.create_all(connection)
                    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
                    connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": VERSION})
        except OperationalError as error:
            raise WrongDatabase(f"the database cannot be opened: {_words(error)}") from error
        self.require()

    def require(self, *, older: bool = False) -> None:
        """Raises WrongDatabase unless the tables are there and of this version, or with `older` of an earlier one."""
        if self.path is not None and not self.path.exists():
            raise WrongDatabase(f"there is no database at {self.path} yet: start `mailgate serve` once to create it")
        try:
            with self.read() as connection:
                if "alembic_version" not in inspect(connection).get_table_names():
                    raise EmptyDatabase("the database is empty: start `mailgate serve` once to create its tables")
                found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except OperationalError as error:
            raise WrongDatabase(f"the database cannot be opened: {_words(error)}") from error
        if found == MOVING:
            words = "run `mailgate upgrade --to` once more, with the configuration of the old database"
            raise WrongDatabase(f"{self.name} contains an incomplete copy of a desk: {words}")
        if found is not None and found > VERSION:
            words = (
                f"made by a newer mailgate (version {found}; this one supports {VERSION}): install the newer "
                "mailgate again"
            )
            raise WrongDatabase(f"the database was {words}")
        if found != VERSION and not (older and found):
            raise WrongDatabase(
                f"the database has version {found}, but this mailgate needs {VERSION}: run `mailgate upgrade`"
            )

    def compact(self) -> None:
        """Rewrites the file of a SQLite database, so that neither it nor its log has bytes of rows that are gone.

        Writers of all processes wait meanwhile; readers do not. It takes as much room again as the file has, twice.
        Raises NotCompacted where that is missing, or where a reader keeps the log from being emptied for 30 s.
        """
        if self._turn is None or self.path is None:
            return
        needed, free = 2 * self.path.stat().st_size, shutil.disk_usage(self.path.absolute().parent).free
        if free < needed:
            raise NotCompacted(f"it needs {needed:,} bytes of free disk, and there are {free:,}")
        os.environ.setdefault("SQLITE_TMPDIR", str(self.path.absolute().parent))  # the copy is as private, and has room
        with self._turn.take(urgent=False), closing(self.engine.raw_connection()) as pooled:
            connection = pooled.driver_connection
            assert connection is not None
            try:
                # The full-text index keeps words of articles that are gone until it is merged.
                connection.execute(f"INSERT INTO {FTS} ({FTS}) VALUES ('optimize')")
                connection.execute("VACUUM")
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.Error as error:
                raise NotCompacted(str(error)) from error
        if busy:
            raise NotCompacted("another process keeps reading the database")

    def close(self) -> None:
        self.engine.dispose()
        if self._turn is not None:
            self._turn.close()


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database, else None."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def do_at_end(connection: Connection, key: object, call: Callable[[], None]) -> None:
    """Registers a call to be made once before this transaction commits, however often it is registered under a key.

    For what is computed from all rows that the transaction has written: to compute it after each row would grow with
    the square of the rows. The call is made at once where the transaction is not one of `Database.write`.
    """
    waiting = connection.info.get(_AT_END)
    if waiting is None:
        call()
    else:
        waiting[key] = call


@contextmanager
def _ending(connection: WriteConnection) -> Iterator[list[Callable[[], None]]]:
    """Makes the calls that come before the commit, and writes the rows that wait; yields the calls after it."""
    waiting: dict[object, Callable[[], None]] = {}
    connection.info[_AT_END] = waiting
    try:
        yield gather_calls(connection)
        while waiting:
            waiting.pop(next(iter(waiting)))()
        connection.write_waiting()
    finally:
        connection.info.pop(_AT_END, None)
        end_gathering(connection)
        end_noting(connection)


def is_conflict(error: BaseException) -> bool:
    """Tells whether a statement failed only because of another transaction, so that a retry may succeed."""
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return False
    return getattr(error.orig, "sqlstate", None) in _CONFLICTS or "database is locked" in str(error.orig)


def describe_loss(error: BaseException) -> str:
    """Describes on one line that the database cannot be reached or went away; "" for any other error."""
    return _words(error) if isinstance(error, OperationalError) and not is_conflict(error) else ""


class _Turn:
    """Gives writers of a SQLite file their turns: threads of this process wait at a lock, processes at a file.

    SQLite itself makes a writer poll, which costs tens of milliseconds under load. Three bytes of the file make it
    fair: the writer holds the second, the next one the first, so that a writer that comes back never overtakes one that
    waits; one that waits with an urgent write holds the third besides, so that others can hurry. Two locks do it for
    the threads. Without the file (a folder that cannot be written) SQLite's own waiting remains.
    """

    def __init__(self, database: Path | None) -> None:
        self._next = threading.Lock()
        self._lock = threading.Lock()
        self._path = database.with_name(database.name + ".turn") if database is not None else None
        self._file: int | None = None

    @contextmanager
    def take(self, urgent: bool) -> Iterator[None]:
        """Holds the turn for the time of the block; waits for it first."""
        with self._next:
            self._lock.acquire()
        try:
            if self._file is None and self._path is not None:
                self._file = _open_turn(self._path)
            if self._file is None:
                yield
                return
            if urgent:
                _lock_byte(self._file, _URGENT, fcntl.F_RDLCK)  # several may
            _lock_byte(self._file, _NEXT, fcntl.F_WRLCK)
            _lock_byte(self._file, _WRITES, fcntl.F_WRLCK)
            _lock_byte(self._file, _NEXT, fcntl.F_UNLCK)
            if urgent:
                _lock_byte(self._file, _URGENT, fcntl.F_UNLCK)
            try:
                yield
            finally:
                _lock_byte(self._file, _WRITES, fcntl.F_UNLCK)
        finally:
            self._lock.release()

    def is_urgent(self) -> bool:
        """Tells whether another process holds the third byte; the caller holds the second."""
        return self._file is not None and _is_locked(self._file, _URGENT)

    def is_awaited(self) -> bool:
        """Tells whether another thread, or another process, is the next; the caller holds the turn."""
        return self._next.locked() or (self._file is not None and _is_locked(self._file, _NEXT))

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None


def _open_turn(path: Path) -> int | None:
    try:
        return open_beside(path, path.with_name(path.name.removesuffix(".turn")))
    except OSError:
        return None


def _create_private(path: str) -> None:
    """Creates the empty file of a SQLite database that is not there; SQLite gives its other files the same mode.

    It is private whatever the umask, since it holds everybody's mail. Where it cannot be created, SQLite says so when
    it opens it.
    """
    if path != ":memory:" and not os.path.exists(path):
        with suppress(OSError):
            os.close(open_beside(Path(path), Path(path).absolute().parent))


def _refuse_unwritable(path: Path) -> None:
    """Refuses a database that its owner may only read: SQLite would make files beside it that are as useless, and stay.

    Raises `sqlite3.OperationalError`, as SQLite does at the first write.
    """
    if path.exists() and path.stat().st_uid == os.geteuid() and not os.access(path, os.W_OK):
        raise sqlite3.OperationalError(f"attempt to write a readonly database: {describe_database_denied(path)}")


def _lock_byte(file: int, position: int, kind: int) -> None:
    """Locks or unlocks one byte; waits. The lock is the open file's, not the process's (Linux: F_OFD_SETLKW)."""
    fcntl.fcntl(file, fcntl.F_OFD_SETLKW, struct.pack(_FLOCK, kind, os.SEEK_SET, position, 1, 0))


def _is_locked(file: int, position: int) -> bool:
    """Tells whether another open file has a lock on a byte."""
    asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, position, 1, 0)
    kind, *_ = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_OFD_GETLK, asked))
    return bool(kind != fcntl.F_UNLCK)


# Neither shows parameters in its errors: a traceback in the log would have people's mail and the desk's tokens.


def _open_postgres(url: str) -> Engine:
    from psycopg import Cursor  # which not every desk has
    from psycopg.pq import Format

    class _BinaryCursor(Cursor[Any]):
        """Cursor that gets results in binary form: bytes come as they are instead of in twice as many hex digits."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.format = Format.BINARY

    # The connection used last is used first: its server process has the statements prepared and the tables known.
    arguments = {**_POSTGRES_REACH, "cursor_factory": _BinaryCursor}
    engine = create_engine(url, hide_parameters=True, pool_use_lifo=True, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for setting, value in _POSTGRES_LIMITS.items():
            cursor.execute(f"SET {setting} = {value}")
        cursor.execute(_POSTGRES_DURABLE)
        cursor.execute(_POSTGRES_COMPRESSION)
        cursor.close()
        connection.commit()

    @event.listens_for(engine, "checkin")
    def _note_use(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _replace_lost(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        used_at = entry.info.get(_USED_AT)
        if used_at is not None and not _answers(connection, time.monotonic() - used_at):
            raise InvalidatePoolError  # all that are as old are replaced

    return engine


def _answers(connection: DBAPIConnection, unused: float) -> bool:
    """Tells whether the server still has a connection that was not used for so many seconds.

    A server that drops a connection says so: one that was used a moment ago, and has nothing to read, costs no ping.
    """
    try:
        if unused < _UNUSED and not _is_readable(connection.fileno()):
            return True
        connection.autocommit = True  # else the ping would begin a transaction
        try:
            cursor = connection.cursor()
            cursor.execute("")
            cursor.close()
        finally:
            connection.autocommit = False
    except Exception:  # whatever it was, another connection is opened
        return False
    return True


def _is_readable(file: int) -> bool:
    poll = select.poll()
    poll.register(file, select.POLLIN)
    return bool(poll.poll(0))


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "do_connect")
    def _create(_dialect: object, _entry: object, arguments: list[str], _options: object) -> None:
        _create_private(arguments[0])
        _refuse_unwritable(Path(arguments[0]))

    event.listen(engine, "handle_error", _name_file)

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


def _name_file(context: ExceptionContext) -> None:
    """Adds to an error of SQLite the file that may not be used, and why: SQLite names neither."""
    error, file = context.original_exception, context.engine.url.database if context.engine is not None else None
    # The lower byte of a code is its primary code.
    if file and isinstance(error, sqlite3.Error) and (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DENIED:
        error.args = (f"{error}: {describe_database_denied(Path(file)) or file}",)


def _words(error: DBAPIError) -> str:
    """The message of the database on one line, without psycopg's list of it for each address of the host."""
    return " ".join(str(error.orig).partition("\nMultiple connection attempts failed")[0].split())
