"""Opens the present database, and exchanges it for that of a backup."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy.exc import SQLAlchemyError

from mailgate.cli.backup import spool_folder
from mailgate.cli.context import CommandError, command_clock, database_errors, first_line
from mailgate.cli.output import clean, size
from mailgate.cli.restoring.target import RestoreTarget
from mailgate.store.database import Database

if TYPE_CHECKING:
    from mailgate.store.backup.contents import LaterRows
    from mailgate.store.backup.format import BackupManifest, DatabaseContents
    from mailgate.store.migrations import Upgraded

_SPARE = 100 * 1000 * 1000  # bytes that stay free
_LEAST_DISTANCE = 1000  # ticket numbers that are left out where nothing tells the highest that was given
_SHOWN = 20  # lost tickets that are listed


@dataclass(frozen=True, slots=True)
class PresentDatabase:
    """The present database. `known` is the highest number that it or its counter file tells, None where neither does;
    `later` what it has beyond the backup, None where it is empty or cannot be read (`unreadable` says why)."""

    name: str
    known: int | None
    contents: DatabaseContents | None
    later: LaterRows | None
    unreadable: str
    exchange: Callable[[BinaryIO, int], list[str]]
    """Puts the database of the backup there, counting tickets on behind a number; returns lines about it."""


@contextmanager
def open_present(target: RestoreTarget, manifest: BackupManifest) -> Iterator[PresentDatabase]:
    """Opens the place of the database; no desk can be started on a SQLite file meanwhile."""
    if target.database is not None:
        with _sqlite_place(target.database, manifest) as place:
            yield place
    else:
        with database_errors(), closing(Database(target.url)) as database:
            yield _postgresql_place(database, manifest)


@contextmanager
def _sqlite_place(path: Path, manifest: BackupManifest) -> Iterator[PresentDatabase]:
    from mailgate.store.backup.contents import find_later_rows, read_contents
    from mailgate.store.backup.files import acting_as_owner
    from mailgate.store.backup.sqlite import DamagedDatabase, open_as_it_is
    from mailgate.store.locks import AlreadyServed, lock_database
    from mailgate.store.ticket_numbers import mark_of

    folder = path.parent
    if not folder.is_dir():
        raise CommandError(
            f"the folder {folder} of the database does not exist: create it for the desk's user, for example with "
            f"`install -d -o mailgate -g mailgate -m 700 {folder}`"
        )
    _require_space(folder, manifest)
    contents, later, unreadable = None, None, ""
    with closing(Database(f"sqlite:///{path}")) as database, acting_as_owner(_owned(path)):
        try:
            lock = lock_database(database)
        except AlreadyServed as error:
            raise CommandError(f"{error} (systemctl stop mailgate)") from None
        mark = mark_of(database.engine.url).read()
        if path.exists():
            try:
                with open_as_it_is(path) as connection:
                    contents = read_contents(connection)
                    later = find_later_rows(connection, manifest.contents, manifest.made_at, _SHOWN)
            except (SQLAlchemyError, DamagedDatabase) as error:
                unreadable = first_line(getattr(error, "orig", None) or error)
    known = max(mark, contents.last_ticket if contents is not None else 0)
    with lock or ExitStack():
        yield PresentDatabase(
            name=str(path),
            known=known if contents is not None or mark else None,
            contents=contents,
            later=later,
            unreadable=unreadable,
            exchange=lambda stream, number: _exchange_sqlite(stream, manifest, path, number),
        )


def _owned(path: Path) -> Path:
    """Returns the folder of a database, whose owner is the desk's user; where that is root, the database itself."""
    return path if path.exists() and not path.parent.stat().st_uid else path.parent


def _exchange_sqlite(stream: BinaryIO, manifest: BackupManifest, path: Path, number: int) -> list[str]:
    from mailgate.store.backup.files import acting_as_owner, open_new
    from mailgate.store.backup.reader import extract
    from mailgate.store.backup.sqlite import DamagedDatabase, DatabaseInUse, prepare_copy, put_in_place, remove_copy
    from mailgate.store.ticket_numbers import HighWaterMark

    copy = path.with_name(f".{path.name}.restoring")
    aside = f"before-restore-{spell_stamp(command_clock().now())}"
    try:
        with acting_as_owner(_owned(path)):
            remove_copy(copy)
            try:
                list(extract(stream, manifest, {manifest.database_member.name: lambda: open_new(path)}))
                done = prepare_copy(copy, number)
                HighWaterMark(path.with_name(path.name + ".highest"), path).raise_to(number)
                before = put_in_place(copy, path, aside)
            finally:
                remove_copy(copy)
    except DamagedDatabase as error:
        raise CommandError(f"the database in the backup is damaged: {error}; nothing was changed") from None
    except DatabaseInUse:
        raise CommandError(
            f"another process uses {path}, such as `mailgate pipe`: hold the emails that Postfix hands to it, and end "
            "every other command; nothing was changed"
        ) from None
    words = []
    if before is not None:
        words.append(f"The database of before is in {before}: delete it when you need nothing of it any more.")
    return [*words, *_describe_upgrade(done)]


def _postgresql_place(database: Database, manifest: BackupManifest) -> PresentDatabase:
    from mailgate.store.backup import postgresql
    from mailgate.store.backup.contents import find_later_rows, read_contents
    from mailgate.store.locks import find_last_lease
    from mailgate.store.ticket_numbers import mark_of

    postgresql.require_programs(database.engine, "pg_restore", "psql")
    mark = mark_of(database.engine.url).read()
    contents, later = None, None
    with database.read() as connection:
        schema = postgresql.read_schema(connection)
        if schema != manifest.table_schema:
            raise CommandError(
                f"the tables in the backup are in the schema {clean(manifest.table_schema)}, but {database.name} has "
                f"{schema or 'no schema'}: set the search_path of the desk's user"
            )
        held = None
        is_empty = postgresql.is_empty(connection, schema)
        prefix = f"{postgresql.ASIDE}{spell_stamp(command_clock().now())}".replace("-", "_")
        aside = "" if is_empty else postgresql.find_unused_schema(connection, prefix)
        if postgresql.has_tables(connection):
            held = find_last_lease(connection, command_clock().now())
            contents = read_contents(connection)
            later = find_later_rows(connection, manifest.contents, manifest.made_at, _SHOWN)
        elif not is_empty:
            raise CommandError(f"{database.name} has tables that are not of mailgate: name an empty database")
    if held is not None:
        raise CommandError(
            f"{database.name} is served: stop `mailgate serve` on every host (systemctl stop mailgate). One that was "
            f"killed is forgotten at {held:%H:%M:%S} UTC"
        )
    known = max(mark, contents.last_ticket if contents is not None else 0)
    return PresentDatabase(
        name=database.name,
        known=known if contents is not None or mark else None,
        contents=contents,
        later=later,
        unreadable="",
        exchange=lambda stream, number: _exchange_postgresql(stream, manifest, database, aside, number),
    )


def _exchange_postgresql(
    stream: BinaryIO, manifest: BackupManifest, database: Database, aside: str, number: int
) -> list[str]:
    from mailgate.store.backup.postgresql import check_dump, restore_dump
    from mailgate.store.backup.reader import extract
    from mailgate.store.migrations import upgrade
    from mailgate.store.ticket_numbers import mark_of

    with tempfile.TemporaryDirectory(prefix="mailgate-", dir=spool_folder()) as folder:
        _require_space(Path(folder), manifest)
        copy = Path(folder) / "database"
        list(extract(stream, manifest, {manifest.database_member.name: lambda: copy.open("wb")}))
        check_dump(copy)
        restore_dump(database.engine, copy, manifest.table_schema, aside, number)
    mark_of(database.engine.url).raise_to(number)
    done = upgrade(database)
    words = []
    if aside:
        command = f'psql {database.engine.url.database} -c "DROP SCHEMA {aside} CASCADE"'
        words.append(
            f"The tables of before are in the schema {aside}. When you need nothing of them any more: {command}"
        )
    return [*words, *_describe_upgrade(done)]


def _describe_upgrade(done: Upgraded) -> Iterator[str]:
    if done.before != done.after:
        yield f"The database was upgraded from version {done.before} to {done.after}."


def _require_space(folder: Path, manifest: BackupManifest) -> None:
    free, needed = shutil.disk_usage(folder).free, manifest.database_member.size + _SPARE
    if free < needed:
        raise CommandError(
            f"{folder}: {size(free)} are free, but the restore takes {size(needed)}; nothing was changed"
        )


def spell_stamp(now: datetime) -> str:
    """Writes a time as part of a file's name, such as 20261129-030000."""
    return f"{now:%Y%m%d-%H%M%S}"


@dataclass(frozen=True, slots=True)
class LastNumber:
    """The number behind which new tickets are counted; `is_guess` where nothing tells the highest."""

    highest: int
    is_guess: bool


def find_last_number(manifest: BackupManifest, known: int | None, given: int | None) -> LastNumber:
    """Finds the highest ticket number: by the backup, the present database (`known`) or the operator (`given`)."""
    saved = max(manifest.highest, manifest.contents.last_ticket)
    if known is None and given is None:
        return LastNumber(saved + max(_LEAST_DISTANCE, saved // 10), is_guess=True)
    return LastNumber(max(saved, known or 0, given or 0), is_guess=False)
