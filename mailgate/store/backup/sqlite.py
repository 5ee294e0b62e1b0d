"""Copies a SQLite database while the desk works, and exchanges a stopped desk's database for a copy.

The exchange is one rename. Before it the present database is closed to everybody and has no write-ahead log, so that a
process that is killed leaves either the old database or the new one, each whole.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain, count
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.pool import NullPool

from mailgate.store.database import Database, EmptyDatabase, WrongDatabase
from mailgate.store.files_beside import sync_folder
from mailgate.store.migrations import Upgraded, upgrade
from mailgate.store.schema import metadata
from mailgate.store.ticket_numbers import raise_counter, skip_notices

_HEADER = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm")
_PATIENCE = 5.0  # seconds; a command that is just ending is waited for


class DamagedDatabase(Exception):
    """Raised for a database that SQLite finds damaged; its text is what SQLite says."""


class DatabaseInUse(Exception):
    """Raised where another process has the database open."""


def copy_sqlite(database: Path, target: Path) -> None:
    """Copies a database that may be in use to an empty file, as of one moment; raises sqlite3.Error.

    `VACUUM INTO` reads in one transaction, which no commit of the desk starts again, and no writer waits for it.
    """
    with closing(sqlite3.connect(_uri(database, "rw"), uri=True, isolation_level=None, timeout=30)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def check_copy(copy: Path) -> None:
    """Raises DamagedDatabase unless SQLite finds a database whole."""
    try:
        with closing(sqlite3.connect(_uri(copy, "ro"), uri=True)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        raise DamagedDatabase(str(error)) from None
    if found != ["ok"]:
        raise DamagedDatabase(" ".join(found))


@contextmanager
def open_as_it_is(database: Path, mode: str = "rw") -> Iterator[Connection]:
    """Opens a database of any version for reading, without making one or changing how it is kept.

    Raises DamagedDatabase for a file that does not begin as a database: SQLite would remove its write-ahead log.
    """

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(_uri(database, mode), uri=True, timeout=30)

    _require_header(database)
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        yield connection


def prepare_copy(copy: Path, highest: int) -> Upgraded:
    """Makes a copy ready to be served: this version, numbers behind `highest`, and one file, which is on the disk."""
    _require_header(copy)  # SQLite takes an empty file for an empty database
    check_copy(copy)
    with closing(Database(f"sqlite:///{copy}")) as database:
        try:
            done = upgrade(database)
        except (EmptyDatabase, WrongDatabase) as error:
            raise DamagedDatabase(str(error)) from None
        _require_tables(database)
        with database.write() as connection:
            raise_counter(connection, highest)
            skip_notices(connection)
    _leave_one_file(copy)
    copy.with_name(copy.name + ".turn").unlink(missing_ok=True)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    return done


def _require_tables(database: Database) -> None:
    with database.read() as connection:
        there = set(inspect(connection).get_table_names())
    if missing := metadata.tables.keys() - there:
        raise DamagedDatabase(f"it has no table {min(missing)}")


def put_in_place(copy: Path, database: Path, aside: str) -> Path | None:
    """Exchanges a database for its copy in the same folder, and keeps the old one in a new folder beside it.

    Returns that folder, which is called `aside`, or with a number behind it; None where there was no database. Raises
    DatabaseInUse where another process has it open; nothing has changed then.
    """
    if not database.exists():
        _remove_beside(database)  # without its database a write-ahead log is of no use, and harms another one
        os.rename(copy, database)
        sync_folder(database.parent)
        return None
    is_readable = _leave_one_file(database)
    names = chain((aside,), (f"{aside}-{number}" for number in count(2)))
    folder = next(one for one in map(database.with_name, names) if not one.exists())
    folder.mkdir(mode=0o700)
    for ending in ("", *_BESIDE):
        file = database.with_name(database.name + ending)
        if file.exists():
            os.link(file, folder / file.name)
    sync_folder(folder)
    if not is_readable:
        _remove_beside(database)
    os.rename(copy, database)
    sync_folder(database.parent)
    return folder


def remove_copy(copy: Path) -> None:
    """Removes a copy that was not put in place, with what SQLite made beside it."""
    for ending in ("", "-journal", ".turn", *_BESIDE):
        copy.with_name(copy.name + ending).unlink(missing_ok=True)


def _leave_one_file(database: Path) -> bool:
    """Writes the write-ahead log into its database and removes it; False where the database is too damaged for that.

    SQLite does so only for the one process that has the database open: DatabaseInUse where there are others.
    """
    try:
        _require_header(database)
        with closing(sqlite3.connect(_uri(database, "rw"), uri=True, timeout=_PATIENCE)) as connection:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise DatabaseInUse(str(database)) from None
        return False
    except (sqlite3.DatabaseError, DamagedDatabase):
        return False
    return tuple(mode) == ("delete",)


def _require_header(database: Path) -> None:
    with database.open("rb") as file:
        if file.read(len(_HEADER)) != _HEADER:
            raise DamagedDatabase("it is not a SQLite database")


def _remove_beside(database: Path) -> None:
    for ending in _BESIDE:
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _uri(database: Path, mode: str) -> str:
    return f"file:{quote(str(database.absolute()))}?mode={mode}"
