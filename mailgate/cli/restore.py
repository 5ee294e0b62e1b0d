"""`restore`: puts back what `backup` has saved, each part whole or not at all.

The file is checked from its first to its last byte before anything is written. A restore that is interrupted leaves
the old database or the new one; the same command then does the rest.
"""

from __future__ import annotations

import io
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from sqlalchemy.exc import SQLAlchemyError

from mailgate.cli.backup import describe_contents, digest_keys
from mailgate.cli.context import (
    SYSTEM,
    CommandError,
    UsageError,
    command_clock,
    config_option,
    database_errors,
    find_config,
    first_line,
    read_what_is_left,
)
from mailgate.cli.output import clean, size
from mailgate.config import ConfigError, read_config, read_places
from mailgate.config.permissions import describe_os_error
from mailgate.core.text import counted, ellipsis
from mailgate.store.database import Database, sqlite_file

if TYPE_CHECKING:
    from mailgate.store.backup.contents import LaterRows
    from mailgate.store.backup.format import BackupManifest, BackupMember, DatabaseContents
    from mailgate.store.migrations import Upgraded

_SPARE = 100 * 1000 * 1000  # bytes that stay free
_LEAST_DISTANCE = 1000  # ticket numbers that are left out where nothing tells the highest that was given
_SHOWN = 20  # lost tickets that are listed
_LARGEST_CONFIGURATION = 16 * 2**20  # bytes


@click.command()
@config_option
@click.option("--verify", is_flag=True, help="Only read FILE, check every sum in it, and say what it holds.")
@click.option(
    "--configuration",
    "replaces_configuration",
    is_flag=True,
    help="Also replace the configuration and its files by those of the backup, and keep copies of the present ones.",
)
@click.option(
    "--highest",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="Continue ticket numbers after NUMBER, if nothing here knows the highest and you do.",
)
@click.option("--yes", is_flag=True, help="Restore without asking.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def restore(
    config: Path | None, verify: bool, replaces_configuration: bool, highest: int | None, yes: bool, file: Path
) -> int:
    """Restore the desk from FILE, which `mailgate backup` has written. Stop the desk first.

    The database of the backup takes the place of the present one, which is kept: on SQLite in a folder next to it, on
    PostgreSQL in a schema of its own. Files of the configuration and bundles of the archive that are missing are put
    back; those that are there stay as they are, unless you add --configuration.

    Ticket numbers continue after the highest that was ever given. At the end you read which tickets are lost, because
    they were opened after the backup, and what happens to the answers to them.

    A file that is damaged, or was made by a later version, changes nothing. If the restore is interrupted, run it
    again. Exit status 1 if anything could not be put back.
    """
    with _restore_errors(file), ExitStack() as stack:
        stream = stack.enter_context(_open(file))
        manifest = _read(stream)
        if verify:
            click.echo(_describe_backup(manifest, file))
            return 0
        target = _find_target(stream, manifest, config, replaces_configuration)
        files = _plan_files(manifest, target)
        with _place_of(target, manifest) as place:
            numbers = _find_highest(manifest, place.known, highest)
            _ask(manifest, place, files, numbers, yes)
            return _restore(stream, manifest, target, place, files, numbers, file)


# -- the file ----------------------------------------------------------------------------------------------------------


@contextmanager
def _open(file: Path) -> Iterator[BinaryIO]:
    with file.open("rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise UsageError(f"{file} is not a regular file: it is read several times")
        yield stream


def _read(stream: BinaryIO) -> BackupManifest:
    from mailgate.store.backup.files import is_below
    from mailgate.store.backup.format import MemberKind
    from mailgate.store.backup.reader import InvalidBackup, read_manifest
    from mailgate.store.schema import VERSION

    manifest = read_manifest(stream)
    for member in manifest.members:
        is_bundle = member.kind is MemberKind.ARCHIVE
        if is_bundle != (not member.path.startswith("/")) and member.kind is not MemberKind.DATABASE:
            raise InvalidBackup(f"names a path that no backup has: {member.path!r}")
        if not is_below(member.path.lstrip("/")):
            raise InvalidBackup(f"names a path that no backup has: {member.path!r}")
    if manifest.contents.version > VERSION:
        raise InvalidBackup(
            f"was made by a newer mailgate ({manifest.mailgate}, database version {manifest.contents.version}; this "
            f"one supports {VERSION}): install the newer mailgate"
        )
    return manifest


def _describe_backup(manifest: BackupManifest, file: Path) -> str:
    return "\n".join(
        (
            f"{file}: backup of {clean(manifest.desk)}, made {_when(manifest)} on {clean(manifest.host)} by mailgate "
            f"{clean(manifest.mailgate)}",
            f"  {manifest.engine}, database version {clean(manifest.contents.version)}: "
            f"{', '.join(describe_contents(manifest))}",
            *(
                f"  {clean(member.path)} ({size(member.size)})"
                for member in manifest.members
                if member.path.startswith("/")
            ),
            *(f"  not in it, because it did not exist: {clean(missing)}" for missing in manifest.missing),
            "  every member agrees with its sum",
        )
    )


def _when(manifest: BackupManifest) -> str:
    from mailgate.store.backup.format import describe_moment

    return describe_moment(manifest.made_at, manifest.timezone)


# -- where it goes -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Target:
    """The desk that is restored."""

    config: Path
    url: str
    archive: Path | None
    replaces_configuration: bool

    @property
    def database(self) -> Path | None:
        """The file of a SQLite database."""
        return sqlite_file(self.url)


def _find_target(stream: BinaryIO, manifest: BackupManifest, config: Path | None, replaces: bool) -> _Target:
    """Finds the database and the archive by the configuration that is there afterwards."""
    from mailgate.store.backup.format import MemberKind

    path = (config or _find_configuration()).absolute()
    saved = manifest.of_kind(MemberKind.CONFIGURATION)
    if path.exists() and not replaces:
        settings = read_what_is_left(path)
        url, archive = settings.store.database, settings.archive.folder
    elif not saved:
        raise UsageError(f"the backup has no configuration: write one to {path} first")
    else:
        if saved[0].size > _LARGEST_CONFIGURATION:
            raise UsageError(f"the configuration in the backup has {size(saved[0].size)}")
        content = _extract_one(stream, manifest, saved[0])
        try:
            store, archives = read_places(content, path.parent)
        except ConfigError as error:
            raise CommandError(*error.mistakes) from None
        url, archive = store.database, archives.folder
    engine = "sqlite" if sqlite_file(url) else "postgresql"
    if engine != manifest.engine:
        raise CommandError(
            f"the backup is one of {manifest.engine}, but store.database in {path} names {engine}: name a database of "
            f"{manifest.engine}, restore, then move the desk with `mailgate upgrade --to`"
        )
    return _Target(path, url, archive, replaces)


def _find_configuration() -> Path:
    try:
        return find_config()
    except UsageError:
        return SYSTEM


def _extract_one(stream: BinaryIO, manifest: BackupManifest, member: BackupMember) -> bytes:
    from mailgate.store.backup.reader import extract

    kept = _Kept()
    list(extract(stream, manifest, {member.name: lambda: kept}))
    return kept.content


class _Kept(io.BytesIO):
    """A file in memory whose content outlives its closing."""

    content = b""

    def close(self) -> None:
        if not self.closed:
            self.content = self.getvalue()
        super().close()


# -- the files of the configuration ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of the configuration: `put` are written, `kept` differ and stay. `left` are missing, in folders to
    which this user, or any restore, writes nothing."""

    put: tuple[tuple[BackupMember, Path], ...]
    kept: tuple[Path, ...]
    left: tuple[tuple[BackupMember, Path], ...]


def _plan_files(manifest: BackupManifest, target: _Target) -> _Files:
    from mailgate.store.backup.format import MemberKind

    put, kept, left = [], [], []
    for member in manifest.of_kind(MemberKind.CONFIGURATION, MemberKind.FILE):
        place = _place_file(member, manifest, target)
        path = place or Path(member.path)
        match _compare(member, path):
            case _Found.MISSING if place is None or not _is_writable(place):
                left.append((member, path))
            case _Found.MISSING:
                put.append((member, path))
            case _Found.DIFFERS if place is not None and target.replaces_configuration:
                if not _is_writable(place):
                    raise CommandError(f"{place} cannot be replaced by this user: run as root")
                put.append((member, path))
            case _Found.DIFFERS:
                kept.append(path)
    return _Files(tuple(put), tuple(kept), tuple(left))


class _Found(Enum):
    """How a file of this machine compares to that of the backup; UNKNOWN where this user may not read it."""

    MISSING, SAME, DIFFERS, UNKNOWN = range(4)


def _compare(member: BackupMember, path: Path) -> _Found:
    from mailgate.store.backup.files import is_same

    try:
        return _Found.SAME if is_same(member, path) else _Found.DIFFERS
    except (FileNotFoundError, NotADirectoryError):
        return _Found.MISSING
    except OSError:
        return _Found.UNKNOWN


def _place_file(member: BackupMember, manifest: BackupManifest, target: _Target) -> Path | None:
    """Returns where a file is put back; None outside of the folders of the configuration and of the database.

    A file that someone made in place of a backup cannot write anywhere else on the machine.
    """
    from mailgate.store.backup.format import MemberKind

    if member.kind is MemberKind.CONFIGURATION:
        return target.config
    path = Path(member.path)
    folders = [(Path(manifest.configuration).parent, target.config.parent)]
    if manifest.database and target.database is not None:
        folders.append((Path(manifest.database).parent, target.database.parent))
    for old, new in folders:
        if path.is_relative_to(old):
            return new / path.relative_to(old)
    return None


def _is_writable(path: Path) -> bool:
    from mailgate.store.backup.files import acting_as_owner

    folder = next(one for one in path.parents if one.exists())
    with acting_as_owner(folder):
        return os.access(folder, os.W_OK | os.X_OK, effective_ids=True)


# -- the present database ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
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
def _place_of(target: _Target, manifest: BackupManifest) -> Iterator[_Place]:
    """Opens the place of the database; no desk can be started on a SQLite file meanwhile."""
    if target.database is not None:
        with _sqlite_place(target.database, manifest) as place:
            yield place
    else:
        with database_errors(), closing(Database(target.url)) as database:
            yield _postgresql_place(database, manifest)


@contextmanager
def _sqlite_place(path: Path, manifest: BackupManifest) -> Iterator[_Place]:
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
                    later = find_later_rows(connection, manifest.contents, _SHOWN)
            except (SQLAlchemyError, DamagedDatabase) as error:
                unreadable = first_line(getattr(error, "orig", None) or error)
    known = max(mark, contents.last_ticket if contents is not None else 0)
    with lock or ExitStack():
        yield _Place(
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
    aside = f"before-restore-{_stamp(command_clock().now())}"
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


def _postgresql_place(database: Database, manifest: BackupManifest) -> _Place:
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
        is_empty, stamp = postgresql.is_empty(connection, schema), _stamp(command_clock().now()).replace("-", "_")
        aside = "" if is_empty else postgresql.find_unused_schema(connection, f"{postgresql.ASIDE}{stamp}")
        if postgresql.has_tables(connection):
            held = find_last_lease(connection, command_clock().now())
            contents = read_contents(connection)
            later = find_later_rows(connection, manifest.contents, _SHOWN)
        elif not is_empty:
            raise CommandError(f"{database.name} has tables that are not of mailgate: name an empty database")
    if held is not None:
        raise CommandError(
            f"{database.name} is served: stop `mailgate serve` on every host (systemctl stop mailgate). One that was "
            f"killed is forgotten at {held:%H:%M:%S} UTC"
        )
    known = max(mark, contents.last_ticket if contents is not None else 0)
    return _Place(
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

    with tempfile.TemporaryDirectory(prefix="mailgate-", dir=os.environ.get("TMPDIR") or "/var/tmp") as folder:
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


def _stamp(now: datetime) -> str:
    return f"{now:%Y%m%d-%H%M%S}"


# -- ticket numbers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The number behind which new tickets are counted; `is_guess` where nothing tells the highest."""

    highest: int
    is_guess: bool


def _find_highest(manifest: BackupManifest, known: int | None, given: int | None) -> _Numbers:
    saved = max(manifest.highest, manifest.contents.last_ticket)
    if known is None and given is None:
        return _Numbers(saved + max(_LEAST_DISTANCE, saved // 10), is_guess=True)
    return _Numbers(max(saved, known or 0, given or 0), is_guess=False)


# -- the question ------------------------------------------------------------------------------------------------------


def _ask(manifest: BackupManifest, place: _Place, files: _Files, numbers: _Numbers, yes: bool) -> None:
    """Shows what will be done, and asks; raises UsageError where nobody can be asked."""
    click.echo(_describe_backup_shortly(manifest))
    click.echo(f"It replaces {place.name}, {_describe_present(place)}.")
    for _, path in files.put:
        is_there = path.exists()
        click.echo(
            clean(
                f"It replaces {path}, of which a copy is kept."
                if is_there
                else f"It puts back {path}, which is missing."
            )
        )
    if numbers.is_guess:
        click.echo(
            f"Nothing here tells the highest ticket number that was given, so new tickets are counted on after "
            f"{numbers.highest:,}. If you know it, add --highest NUMBER."
        )
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("restore asks at a terminal before it replaces a database: add --yes")
    click.confirm("Restore this backup?", abort=True)


def _describe_backup_shortly(manifest: BackupManifest) -> str:
    return (
        f"Backup of {clean(manifest.desk)}, made {_when(manifest)} on {clean(manifest.host)} by mailgate "
        f"{clean(manifest.mailgate)}: {', '.join(describe_contents(manifest))}."
    )


def _describe_present(place: _Place) -> str:
    if place.unreadable:
        return f"which cannot be read ({place.unreadable})"
    if place.contents is None or place.later is None:
        return "which is empty or does not exist"
    later = place.later
    if not (later.tickets or later.mails or later.notices):
        return "which has nothing that the backup does not have"
    return f"which has since received {_count_later(later)}: the desk loses them"


def _count_later(later: LaterRows) -> str:
    return f"{counted(later.tickets, 'ticket')}, {counted(later.mails, 'email')} and {counted(later.notices, 'notice')}"


# -- what is done ------------------------------------------------------------------------------------------------------


def _restore(
    stream: BinaryIO,
    manifest: BackupManifest,
    target: _Target,
    place: _Place,
    files: _Files,
    numbers: _Numbers,
    file: Path,
) -> int:
    """Puts everything back, the database first, and says what was done and lost; returns the exit status."""
    bundles = _plan_bundles(manifest, target)
    words = place.exchange(stream, numbers.highest)
    click.echo("\n".join((f"\nRestored {place.name}.", *words)))
    _put_files(stream, manifest, files, f".before-{_stamp(command_clock().now())}")
    _put_bundles(stream, manifest, target.archive, bundles)
    report = (*_describe_files(files, bundles, manifest, target), *_describe_losses(manifest, place))
    for line in (_describe_numbers(numbers), *report):
        click.echo(clean(line))
    for line in _describe_secret(manifest, target):
        click.echo(f"mailgate: {line}", err=True)
    for member, path in files.left:
        line = f"{path} is missing, and was not written: tar -xzOf {file} {member.name} > {path}"
        click.echo(f"mailgate: {clean(line)}", err=True)
    click.echo("Now run `mailgate check --connect`, then start the desk: systemctl start mailgate")
    return 1 if files.left else 0


def _plan_bundles(manifest: BackupManifest, target: _Target) -> dict[str, tuple[BackupMember, Path]]:
    """Finds the bundles that are missing in the archive folder, by the names of their members, and makes the folder."""
    from mailgate.store.backup.files import acting_as_owner, make_folder
    from mailgate.store.backup.format import MemberKind

    folder, saved = target.archive, manifest.of_kind(MemberKind.ARCHIVE)
    if folder is None or not saved:
        return {}
    try:
        with acting_as_owner(folder):
            make_folder(folder)
            return {one.name: (one, folder / one.path) for one in saved if not (folder / one.path).exists()}
    except OSError as error:
        raise CommandError(f"archive.folder: {describe_os_error(error)}; nothing was changed") from None


def _put_files(stream: BinaryIO, manifest: BackupManifest, files: _Files, aside: str) -> None:
    from mailgate.store.backup.files import acting_as_owner, finish, make_folder, open_new
    from mailgate.store.backup.reader import extract

    for member, path in files.put:
        with acting_as_owner(path.parent):
            make_folder(path.parent)
            list(extract(stream, manifest, {member.name: partial(open_new, path)}))
            finish(member, path, aside)


def _put_bundles(
    stream: BinaryIO, manifest: BackupManifest, archive: Path | None, bundles: dict[str, tuple[BackupMember, Path]]
) -> None:
    from mailgate.store.backup.files import acting_as_owner, finish, make_folder, open_new
    from mailgate.store.backup.reader import extract

    if archive is None or not bundles:
        return

    def open_bundle(path: Path) -> BinaryIO:
        make_folder(path.parent)
        return open_new(path)

    with acting_as_owner(archive):
        wanted = {name: partial(open_bundle, path) for name, (_, path) in bundles.items()}
        for name in extract(stream, manifest, wanted):
            finish(*bundles[name])


# -- the report --------------------------------------------------------------------------------------------------------


def _describe_numbers(numbers: _Numbers) -> str:
    words = f"New tickets are counted on after number {numbers.highest:,}"
    if numbers.is_guess:
        return f"{words}: nothing here tells the highest that was given, so a safe distance was left out."
    return f"{words}, the highest that was given."


def _describe_files(
    files: _Files, bundles: dict[str, tuple[BackupMember, Path]], manifest: BackupManifest, target: _Target
) -> Iterator[str]:
    from mailgate.store.backup.format import MemberKind

    for _, path in files.put:
        yield f"Put back: {path}"
    for path in files.kept:
        yield f"Kept, although it differs in the backup: {path}"
    if bundles:
        yield f"Put back into {target.archive}: {counted(len(bundles), 'archived ticket')}"
    elif target.archive is None and manifest.of_kind(MemberKind.ARCHIVE):
        yield "archive.folder is not configured: the archived tickets stay in the backup"


def _describe_secret(manifest: BackupManifest, target: _Target) -> Iterator[str]:
    """Warns where replies to the notices of the backup will not be recognised, or the configuration has mistakes."""
    try:
        keys = digest_keys(read_config(target.config, needs_secrets=False).desk.keys)
    except ConfigError as error:
        yield f"{clean(error.mistakes[0])}: the configuration has mistakes, which `mailgate check` lists"
        return
    if manifest.keys and keys and manifest.keys[0] not in keys:
        yield (
            "the secret is another one than in the backup: the desk will not recognise replies to emails that are out. "
            "Put the line of the backup's secret behind the first one of the present secret, or restore with "
            "--configuration"
        )


def _describe_losses(manifest: BackupManifest, place: _Place) -> Iterator[str]:
    contents, later = manifest.contents, place.later
    if contents.waiting_journal:
        yield (
            f"{counted(contents.waiting_journal, 'email')} waited in the backup: the desk decides on them again, and "
            "their senders may get a second receipt."
        )
    if contents.waiting_outbox:
        yield f"{counted(contents.waiting_outbox, 'notice')} waited in the backup: they leave, perhaps once more."
    if later is None:
        yield f"What came after {_when(manifest)} is lost; what that was cannot be read here."
        return
    if not (later.tickets or later.mails or later.notices):
        yield "Nothing was lost: the present database had nothing that the backup does not have."
        return
    yield f"Lost, because it came after the backup: {_count_later(later)}."
    for ticket in later.first:
        line = f"{ticket.reference}  {ticket.state}  {ticket.requester}  {ellipsis(ticket.subject, 60)}"
        yield f"  {clean(line)}"
    if later.tickets > len(later.first):
        yield f"  and {later.tickets - len(later.first):,} more tickets"
    if later.tickets:
        yield (
            "An agent's answer to a lost ticket comes back to the agent and reaches no one else; a requester's answer "
            "opens a new ticket."
        )
    yield "An IMAP server or a Maildir that still has the lost emails as new brings them again."


@contextmanager
def _restore_errors(file: Path) -> Iterator[None]:
    """Turns what keeps a backup from being restored into a CommandError."""
    from mailgate.store.backup.postgresql import ProgramFailed
    from mailgate.store.backup.reader import InvalidBackup

    try:
        yield
    except InvalidBackup as error:
        raise CommandError(f"{file} {error}; nothing was changed") from None
    except ProgramFailed as error:
        raise CommandError(f"{error}; the database was not changed") from None
    except OSError as error:
        raise CommandError(describe_os_error(error)) from None
