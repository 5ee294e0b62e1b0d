"""`upgrade`: migrates the database to this version or, with `--to`, moves the desk to another database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from mailgate.cli.context import (
    NO_POSTGRESQL,
    CommandError,
    UsageError,
    command_clock,
    config_option,
    database_errors,
    read_settings,
)
from mailgate.config import Settings
from mailgate.core.text import counted

if TYPE_CHECKING:
    from mailgate.store.copy.table import Moved
    from mailgate.store.database import Database


@click.command()
@config_option
@click.option("--to", "to", metavar="URL", help="Copy the whole desk to this database instead, and verify every row.")
@click.option(
    "--backup", "backup", metavar="FILE", type=click.Path(path_type=Path),
    help="If the database has to be upgraded, back it up to this new file first.",
)  # fmt: skip
def upgrade(config: Path | None, to: str | None, backup: Path | None) -> None:
    """Upgrade the database to the version of this mailgate, or create the tables of an empty one.

    Stop `mailgate serve` first, and keep a backup of the database (--backup): to restore it is the only way back. All
    steps are one transaction.

    With --to postgresql+psycopg://USER@HOST/NAME, the desk moves from SQLite to an empty PostgreSQL database. If this
    is interrupted, run the same command again to continue. The old database is only read, and the configuration stays
    unchanged until you name the new database in it. Put the password in ~/.pgpass, so that it doesn't show up in
    process listings.
    """
    settings = read_settings(config, needs_secrets=False)
    if to is None:
        _upgrade(settings, config, backup)
    elif backup is None:
        _move(settings, to)
    else:
        raise UsageError("--backup: not with --to, which leaves the old database as it is")


def _upgrade(settings: Settings, config: Path | None, backup: Path | None) -> None:
    from mailgate.cli.backup import save_database
    from mailgate.store.migrations import read_version
    from mailgate.store.migrations import upgrade as migrate
    from mailgate.store.schema import VERSION

    with database_errors(), _opened(settings.store.database) as database:
        _refuse_half(database)
        if (found := read_version(database)) == VERSION:
            click.echo(f"The database is up to date (version {VERSION}).")
            return
        with _locked(database):
            if backup is not None and "" < found < VERSION:
                save_database(settings, config, backup)
            done = migrate(database)
    before = (
        f"Upgraded the database from version {done.before}" if done.before else ("Created the tables of a new database")
    )
    click.echo(f"{before}; it now has version {done.after}.")


def _move(settings: Settings, to: str) -> None:
    from mailgate.store.copy.database import move

    url, began, reported, rows = _read_target(to), time.monotonic(), set[str](), 0
    with _move_errors(), ExitStack() as stack:
        source = stack.enter_context(_opened(settings.store.database))
        _refuse_half(source)
        source.require()
        target = _open_target(stack, url)
        if _identify(source) == _identify(target):
            raise CommandError("--to: the configuration already names this database")
        stack.enter_context(_locked(source))
        stack.enter_context(_locked(target))
        click.echo(f"Copying {source.name} to {target.name}")
        for moved in _report_loss(move(source, target, command_clock().now())):
            if moved.table not in reported or moved.copied or moved.removed:
                click.echo(_describe_move(moved))
            rows += moved.rows if moved.table not in reported else 0
            reported.add(moved.table)
    seconds = time.monotonic() - began
    click.echo(_LAST_WORDS.format(rows=rows, seconds=seconds, old=source.name, new=target.name), nl=False)


_LAST_WORDS = """
All {rows:,} rows were copied and verified in {seconds:.0f} seconds. Now put this into the configuration,
with the password if it needs one, and start the desk:

    [store]
    database = "{new}"

Do this before `mailgate pipe` or another command runs again: until then they
write to the old database, which is unchanged. To go back, name the old one
again. It will not have the emails that the new one has received by then:

    database = "{old}"
"""


def _report_loss(moves: Iterator[Moved]) -> Iterator[Moved]:
    """Passes the moves on; a database that is lost meanwhile raises CommandError, with what to do."""
    try:
        yield from moves
    except DBAPIError as error:
        words = " ".join(str(error.orig).split())
        hope = "the copied rows stay: run the same command again to continue"
        raise CommandError(f"a database failed: {words}", hope) from None


def _describe_move(moved: Moved) -> str:
    words = f"{moved.table}: {counted(moved.rows, 'row')}, "
    if moved.removed:
        return f"{words}{moved.removed:,} removed that the old database no longer has"
    return f"{words}{moved.copied:,} copied, verified" if moved.copied else f"{words}verified"


def _read_target(to: str) -> str:
    """Reads the URL of --to by the rules of the configuration; a relative SQLite path is from the current folder."""
    from pydantic import TypeAdapter, ValidationError

    from mailgate.config.paths import DatabaseUrl

    try:
        url = TypeAdapter[str](DatabaseUrl).validate_python(to)
        make_url(url)
    except ValidationError as error:
        raise UsageError(f"--to: {error.errors()[0].get('ctx', {}).get('error', 'is not a URL')}") from None
    except (ArgumentError, ValueError):
        raise UsageError('--to: is not a URL: write "postgresql+psycopg://USER@HOST/NAME"') from None
    return url


def _open_target(stack: ExitStack, url: str) -> Database:
    """Opens the target and checks that it answers."""
    try:
        target = stack.enter_context(_opened(url))
        if target.path is not None and not target.path.parent.is_dir():
            raise CommandError(f"--to: the folder {target.path.parent} does not exist: create it, or name another file")
        with target.read():
            return target
    except ImportError:
        raise CommandError(f"--to: {NO_POSTGRESQL}") from None
    except DBAPIError as error:
        raise CommandError(f"--to: {' '.join(str(error.orig).split())}") from None


def _identify(database: Database) -> object:
    """Returns the identity of a database, independent of user and spelling, for comparison."""
    url = make_url(database.url)
    return database.path.resolve() if database.path else (url.host, url.port or 5432, url.database, url.query)


def _refuse_half(database: Database) -> None:
    from mailgate.store.database import MOVING
    from mailgate.store.migrations import read_version

    if read_version(database) == MOVING:
        raise CommandError(
            f"{database.name} contains an incomplete copy of a desk: name the old database in the configuration, "
            "and run `mailgate upgrade --to` again"
        )


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    from mailgate.store.database import Database

    with closing(Database(url)) as database:
        yield database


@contextmanager
def _locked(database: Database) -> Iterator[None]:
    """Locks a SQLite file against `serve`; a database server has no such lock."""
    from mailgate.store.locks import AlreadyServed, lock_database

    try:
        lock = lock_database(database)
    except AlreadyServed as error:
        raise CommandError(str(error)) from None
    with lock or nullcontext():
        yield


@contextmanager
def _move_errors() -> Iterator[None]:
    """Turns errors of a move into a CommandError."""
    from mailgate.store.copy.table import Unmovable

    try:
        with database_errors():
            yield
    except Unmovable as error:
        raise CommandError(str(error)) from None
