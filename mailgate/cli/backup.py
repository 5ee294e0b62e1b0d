"""`backup`: writes the database, the configuration with its files and the archive to one file, while the desk works.

The file appears under its name only when it is whole and was read again; until then it is `.FILE.partial`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, BinaryIO, NoReturn

import click

from mailgate import __version__
from mailgate.cli.context import (
    CommandError,
    UsageError,
    command_clock,
    config_option,
    database_errors,
    find_config,
    json_option,
    read_settings,
)
from mailgate.cli.output import clean, iso, print_json, size
from mailgate.config import SecretFile, Settings
from mailgate.config.named_files import list_named_paths
from mailgate.config.permissions import describe_os_error, group_name, user_name
from mailgate.core.text import counted

if TYPE_CHECKING:
    from mailgate.store.archives import ArchiveRow
    from mailgate.store.backup.format import BackupManifest, DatabaseContents
    from mailgate.store.backup.writer import BackupWriter
    from mailgate.store.database import Database

_SPARE = 100 * 1000 * 1000  # bytes that stay free, so that the desk can take emails meanwhile
_SHOWN = 10  # files that are missing


@click.command()
@config_option
@json_option
@click.option("--without-archive", is_flag=True, help="Leave out the archived tickets, if they are copied otherwise.")
@click.option(
    "--without-configuration",
    is_flag=True,
    help="Leave out the configuration, the secrets and all other files that it names.",
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
def backup(config: Path | None, as_json: bool, without_archive: bool, without_configuration: bool, file: Path) -> None:
    """Back up the desk to FILE: the database, the configuration with the secrets and all other files that it names, and
    the archive. The desk may be running.

    FILE is a tar file, compressed by gzip; - writes it to standard output. It holds everyone's email and the secrets:
    only its owner can read it. An existing file is not overwritten. Exit status 1 if anything could not be saved; then
    FILE is not there.

    PostgreSQL is saved by pg_dump, which must not be older than the server. The database may be of an earlier version.
    `mailgate restore` puts the desk back.
    """
    to_stdout = str(file) == "-"
    if to_stdout and as_json:
        raise UsageError("--json: standard output is the backup: name a FILE")
    if to_stdout and sys.stdout.isatty():
        raise UsageError("FILE: a backup is not written to a terminal: name a file, or use a pipe")
    settings = read_settings(config, needs_secrets=False)
    plan = _Plan(
        settings=settings,
        config=(config or find_config()).absolute(),
        with_archive=not without_archive,
        with_configuration=not without_configuration,
    )
    if plan.with_configuration:
        _require_secrets(settings)
    with _saving_errors(), _ending_by_signal():
        if to_stdout:
            with tempfile.TemporaryDirectory(prefix="mailgate-", dir=spool_folder()) as folder:
                manifest = _write(plan, sys.stdout.buffer, Path(folder) / "database", Path(folder))
            sys.stdout.buffer.flush()
            click.echo(f"mailgate: {_describe(manifest)}", err=True)
        else:
            manifest = _save(plan, file)
            written = file.stat().st_size
            if as_json:
                print_json(_as_json(manifest, file, written))
            else:
                click.echo(f"{file}: {_describe(manifest)}; {size(written)}")
    for missing in manifest.missing[:_SHOWN]:
        click.echo(f"mailgate: not in the backup, because it does not exist: {clean(missing)}", err=True)
    if len(manifest.missing) > _SHOWN:
        click.echo(f"mailgate: and {len(manifest.missing) - _SHOWN} more that do not exist", err=True)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The parts that are saved. `config` is absolute."""

    settings: Settings
    config: Path
    with_archive: bool
    with_configuration: bool


def _require_secrets(settings: Settings) -> None:
    for named in list_named_paths(settings):
        if isinstance(named, SecretFile) and not named.lines:
            words = "run as root, or add --without-configuration and keep copies of the secrets elsewhere"
            raise CommandError(f"the secret {named.path} cannot be read: {words}")


def spool_folder() -> str:
    """Returns the folder for the copy of the database on its way to standard output; /tmp may be in memory."""
    return os.environ.get("TMPDIR") or "/var/tmp"


# -- the file ----------------------------------------------------------------------------------------------------------


def _save(plan: _Plan, file: Path) -> BackupManifest:
    """Writes the backup beside its name, reads it again and renames it."""
    from mailgate.store.backup.reader import InvalidBackup, read_manifest

    if file.exists() or file.is_symlink():
        raise CommandError(f"{file} already exists; name another file, such as mailgate-$(date +%F-%H%M).tar.gz")
    if not file.absolute().parent.is_dir():
        raise CommandError(f"the folder {file.absolute().parent} does not exist")
    partial, copy = (file.with_name(f".{file.name}.{ending}partial") for ending in ("", "database."))
    try:
        with _create(partial) as target:
            manifest = _write(plan, target, copy, file.absolute().parent)
            target.flush()
            os.fsync(target.fileno())
            try:
                read_manifest(target)
            except InvalidBackup as error:
                raise CommandError(f"{file}: the backup {error} when it is read again; nothing was saved") from None
        os.rename(partial, file)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _create(path: Path) -> BinaryIO:
    """Creates a file that only this user may read; what a killed backup left under its name is removed."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b")


def _write(plan: _Plan, stream: BinaryIO, copy: Path, folder: Path) -> BackupManifest:
    """Writes the backup to a stream; `copy` is the place of the database's copy, in the folder whose disk is used."""
    from mailgate.store.backup.format import BackupManifest, MemberKind
    from mailgate.store.backup.sqlite import remove_copy
    from mailgate.store.backup.writer import BackupWriter

    settings, now = plan.settings, command_clock().now()
    _create(copy).close()
    try:
        taken = _copy_database(settings, copy, folder)
        with BackupWriter(stream, now, lambda uid, gid: (user_name(uid), group_name(gid))) as writer:
            missing = list(_add_configuration(plan, writer)) if plan.with_configuration else []
            ending = "sqlite" if taken.path else "dump"
            writer.add_file(MemberKind.DATABASE, copy, taken.path or ending, f"database.{ending}")
            copy.unlink()
            if plan.with_archive:
                missing += _add_archive(settings, taken.archives, writer)
            manifest = BackupManifest(
                mailgate=__version__,
                engine="sqlite" if taken.path else "postgresql",
                made_at=now,
                timezone=settings.default_queue.zone.key,
                host=socket.gethostname(),
                desk=settings.default_queue.address,
                configuration=str(plan.config),
                database=taken.path,
                table_schema=taken.table_schema,
                contents=taken.contents,
                highest=max(taken.highest, taken.contents.last_ticket),
                keys=digest_keys(settings.desk.keys) if plan.with_configuration else (),
                missing=tuple(missing),
                members=tuple(writer.members),
            )
            writer.finish(manifest)
    finally:
        remove_copy(copy)
    return manifest


def digest_keys(keys: tuple[bytes, ...]) -> tuple[str, ...]:
    """Returns the SHA-256 of signing keys, by which two desks are compared."""
    from hashlib import sha256

    return tuple(sha256(key).hexdigest() for key in keys)


# -- the database ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Taken:
    """The facts about the copy of a database. `path` and `table_schema` are "" for the other engine."""

    path: str
    table_schema: str
    contents: DatabaseContents
    archives: list[ArchiveRow]
    highest: int


def _copy_database(settings: Settings, copy: Path, folder: Path) -> _Taken:
    from mailgate.store.database import Database
    from mailgate.store.ticket_numbers import mark_of

    with database_errors():
        database = Database(settings.store.database)
        try:
            database.require(older=True)
            highest = mark_of(database.engine.url).read()
            return (
                _copy_sqlite(database, copy, folder, highest)
                if database.path
                else _dump(database, copy, folder, highest)
            )
        finally:
            database.close()


def _copy_sqlite(database: Database, copy: Path, folder: Path, highest: int) -> _Taken:
    from mailgate.store.archives import list_archives
    from mailgate.store.backup.contents import read_contents
    from mailgate.store.backup.sqlite import DamagedDatabase, check_copy, copy_sqlite, open_as_it_is

    assert database.path is not None
    _require_space(folder, database.path.stat().st_size)
    try:
        copy_sqlite(database.path, copy)
        check_copy(copy)
    except DamagedDatabase as error:
        raise CommandError(f"{database.path} is damaged: {error}") from None
    with open_as_it_is(copy, "ro") as connection:
        return _Taken(str(database.path), "", read_contents(connection), list_archives(connection), highest)


def _dump(database: Database, copy: Path, folder: Path, highest: int) -> _Taken:
    from mailgate.store.archives import list_archives
    from mailgate.store.backup import postgresql
    from mailgate.store.backup.contents import read_contents

    postgresql.require_programs(database.engine, "pg_dump", "pg_restore")
    with database.read() as connection:
        _require_space(folder, postgresql.measure(connection))
        schema = postgresql.read_schema(connection)
        contents, archives = read_contents(connection), list_archives(connection)
        postgresql.dump(connection, copy)
    postgresql.check_dump(copy)
    return _Taken("", schema, contents, archives, highest)


def _require_space(folder: Path, database: int) -> None:
    """Raises CommandError unless the disk takes the copy of the database, and the backup that is made of it."""
    free, needed = shutil.disk_usage(folder).free, 2 * database + _SPARE
    if free < needed:
        raise CommandError(
            f"{folder}: {size(free)} are free, but a copy of the database and the backup take up to {size(needed)}: "
            "make space, or name a file on another disk"
        )


# -- files -------------------------------------------------------------------------------------------------------------


def _add_configuration(plan: _Plan, writer: BackupWriter) -> Iterator[str]:
    """Adds the configuration and each file that it names; yields those that do not exist."""
    from mailgate.store.backup.format import MemberKind

    writer.add_file(MemberKind.CONFIGURATION, plan.config, str(plan.config))
    named = (one.path if isinstance(one, SecretFile) else one for one in list_named_paths(plan.settings))
    seen = {plan.config}
    for path in named:
        if path == plan.settings.archive.folder:
            continue
        for file in sorted(path.rglob("*")) if path.is_dir() else (path,):
            if file in seen or file.is_dir():
                continue
            seen.add(file)
            if file.exists():
                writer.add_file(MemberKind.FILE, file, str(_original(file, plan.config.parent)))
            else:
                yield str(file)


def _original(file: Path, folder: Path) -> Path:
    """Returns where a file is put back: that of a credential of systemd, which is gone with its service, by its name
    in the folder of the configuration."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    return folder / file.name if credentials and file.parent == Path(credentials) else Path(os.path.normpath(file))


def _add_archive(settings: Settings, rows: list[ArchiveRow], writer: BackupWriter) -> Iterator[str]:
    """Adds the bundles that the database has recorded; yields those that do not exist."""
    from mailgate.store.backup.format import MemberKind

    folder = settings.archive.folder
    for row in rows if folder is not None else ():
        assert folder is not None
        try:
            writer.add_file(MemberKind.ARCHIVE, folder / row.path, row.path)
        except FileNotFoundError:
            yield str(folder / row.path)


# -- errors and words --------------------------------------------------------------------------------------------------


@contextmanager
def _saving_errors() -> Iterator[None]:
    """Turns what keeps a backup from being made into a CommandError."""
    import sqlite3

    from mailgate.store.backup.postgresql import ProgramFailed

    try:
        yield
    except BrokenPipeError:
        raise CommandError("the reader of standard output has ended: the backup is not whole") from None
    except OSError as error:
        raise CommandError(f"{describe_os_error(error)}; nothing was saved") from None
    except (sqlite3.Error, ProgramFailed) as error:
        raise CommandError(f"the database cannot be copied: {error}; nothing was saved") from None


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    """Lets SIGTERM and SIGHUP end the command as an exception does, so that no half-written file is left."""

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = {}
    with suppress(ValueError):  # only the main thread may; a test calls from others
        before = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def save_database(settings: Settings, config: Path | None, file: Path) -> None:
    """Backs up the database alone to a new file; raises CommandError, with nothing left, where that fails."""
    plan = _Plan(settings, (config or find_config()).absolute(), with_archive=False, with_configuration=False)
    with _saving_errors(), _ending_by_signal():
        manifest = _save(plan, file)
    click.echo(f"{file}: {_describe(manifest)}; {size(file.stat().st_size)}")


def _describe(manifest: BackupManifest) -> str:
    return ", ".join(describe_contents(manifest))


def describe_contents(manifest: BackupManifest) -> Iterator[str]:
    """Says what a backup holds, part by part."""
    from mailgate.store.backup.format import MemberKind

    contents = manifest.contents
    yield counted(contents.tickets, "ticket")
    yield f"{counted(contents.journal, 'email')} received"
    yield counted(contents.outbox, "notice")
    if files := manifest.of_kind(MemberKind.CONFIGURATION, MemberKind.FILE):
        yield f"the configuration ({counted(len(files), 'file')})"
    else:
        yield "no configuration"
    if bundles := manifest.of_kind(MemberKind.ARCHIVE):
        yield f"{counted(len(bundles), 'archived ticket')}"


def _as_json(manifest: BackupManifest, file: Path, written: int) -> dict[str, object]:
    """Returns what a backup holds, for programs."""
    from mailgate.store.backup.format import MemberKind

    contents = manifest.contents
    return {
        "file": str(file),
        "size": written,
        "made_at": iso(manifest.made_at),
        "mailgate": manifest.mailgate,
        "engine": manifest.engine,
        "database_version": contents.version,
        "host": manifest.host,
        "tickets": contents.tickets,
        "journal": contents.journal,
        "outbox": contents.outbox,
        "highest": manifest.highest,
        "files": len(manifest.of_kind(MemberKind.CONFIGURATION, MemberKind.FILE)),
        "archived": len(manifest.of_kind(MemberKind.ARCHIVE)),
        "missing": list(manifest.missing),
    }
