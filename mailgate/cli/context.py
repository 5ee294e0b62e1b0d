"""Opens the settings, the database and the ticket that a command names.

Raises `CommandError` where that fails: lines for stderr and an exit status (2 usage and configuration, 1 failure).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mailgate.cli.output import clean
from mailgate.config import ConfigError, Settings, read_config, read_what_is_right
from mailgate.config.environment import SYSTEM_FILE, list_variables
from mailgate.config.permissions import describe_database_denied, describe_os_error, user_name
from mailgate.core.clock import Clock
from mailgate.store.blobs import DamagedBlob
from mailgate.store.database import Database, WrongDatabase, sqlite_file
from mailgate.store.queries.listings import state_of
from mailgate.store.tickets import Ticket, find_by_number, find_by_reference

if TYPE_CHECKING:
    from mailgate.daemon.desk import Desk

NO_POSTGRESQL = "the PostgreSQL driver is not installed: install mailgate with the extra postgres"
HERE, SYSTEM = Path("mailgate.toml"), SYSTEM_FILE
VARIABLE = "MAILGATE_CONFIG"

_Function = TypeVar("_Function", bound=Callable[..., Any])


class CommandError(click.ClickException):
    """A command that cannot be carried out. Each line is printed to stderr after the program's name."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))


class UsageError(CommandError):
    """Wrong usage, or a wrong configuration."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class DeskView:
    """The settings, and one consistent view of the desk's database."""

    settings: Settings
    connection: Connection

    def ticket(self, reference: str) -> Ticket:
        """Returns the ticket of that reference, or the one it was merged into."""
        return find_ticket(self.connection, self.settings, reference)


def command_clock() -> Clock:
    """Returns the clock that `main` gave this command: the machine's, or a test's."""
    clock: Clock = click.get_current_context().obj
    return clock


def config_option(function: _Function) -> _Function:
    """Adds the option that every command takes."""
    words = f"Use this configuration; by default, ${VARIABLE}, else {HERE} in this folder, else {SYSTEM}."
    kind = click.Path(path_type=Path)
    return click.option("--config", type=kind, metavar="FILE", help=words)(function)


def json_option(function: _Function) -> _Function:
    """Adds the option of commands that other programs may read."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")(function)


def can_ask() -> bool:
    """Tells whether a person can answer a question: standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def require_new(path: Path) -> None:
    """Raises CommandError for a file of --output that exists, before a command does its work."""
    if path.exists() or path.is_symlink():
        raise CommandError(f"{path} already exists; name another file with --output")


def write_new(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Writes the new file of --output, which only its owner can read; one that cannot be finished is removed."""
    require_new(path)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CommandError(describe_os_error(error)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CommandError(describe_os_error(error, path)) from None
        raise


def read_settings(config: Path | None, *, needs_secrets: bool = True) -> Settings:
    """Reads the settings; each mistake in them is a line of the error. Commands that only look need no secrets."""
    try:
        return read_config(config or find_config(), needs_secrets=needs_secrets)
    except ConfigError as error:
        raise UsageError(*error.mistakes) from None


def read_what_is_left(config: Path | None) -> Settings:
    """Reads the settings of a command that looks at or holds a desk, which works on with those of before.

    Mistakes are one line on stderr, and left out, unless [store] cannot be read; then they are the error.
    """
    path = config or find_config()
    try:
        return read_config(path, needs_secrets=False)
    except ConfigError as error:
        mistakes = error.mistakes
    try:
        settings = read_what_is_right(path)
    except ConfigError:
        raise UsageError(*mistakes) from None
    more = f" (and {len(mistakes) - 1} more)" if mistakes[1:] else ""
    click.echo(f"mailgate: {clean(mistakes[0])}{more}; ignored here: `mailgate check` lists what to correct", err=True)
    return settings


def find_config() -> Path:
    """Returns the configuration of a command without --config: the variable's, this folder's or the system's.

    For root a file of another user in this folder is left out, with a note: it may name any database and template.
    That of the system may be missing where the environment has settings.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named)
    owner = _owner(HERE)
    if owner is not None and (os.geteuid() != 0 or owner == 0):
        return HERE
    foreign = f"{HERE} in this folder belongs to another user: to use it, add --config {HERE}"
    if _owner(SYSTEM) is None and not list_variables(os.environ):
        none = (
            f"there is no {HERE} here and no {SYSTEM}: write one with `mailgate init`, or name one with --config FILE"
        )
        raise UsageError(none if owner is None else foreign)
    if owner is not None:
        click.echo(f"mailgate: {foreign}; using {SYSTEM} now", err=True)
    return SYSTEM


def _owner(file: Path) -> int | None:
    """Returns the user id of a file's owner; None where the file is missing, or in a folder that cannot be read."""
    try:
        return file.stat().st_uid
    except OSError:
        return None


@contextmanager
def database_errors() -> Iterator[None]:
    """Turns errors of the database into a CommandError."""
    try:
        yield
    except WrongDatabase as error:
        raise CommandError(str(error)) from None
    except DamagedBlob as error:
        raise CommandError(str(error)) from None
    except DBAPIError as error:
        raise CommandError(f"the database failed: {first_line(error.orig or error)}") from None
    except ImportError:
        raise CommandError(f"store.database: {NO_POSTGRESQL}") from None
    except SQLAlchemyError as error:
        raise CommandError(f"the database cannot be used: {first_line(error)}") from None


def require_folder(settings: Settings) -> None:
    """Raises CommandError for a database in a missing folder, which is not created: it may be misspelled."""
    file = sqlite_file(settings.store.database)
    if file is not None and not file.parent.is_dir():
        raise CommandError(f"store.database: the folder {file.parent} does not exist: create it, or name another file")


def refuse_root(settings: Settings) -> None:
    """Raises UsageError for root where a SQLite database is another user's, who could not open the new files."""
    file = sqlite_file(settings.store.database)
    if file is None or os.geteuid():
        return
    owner = (file if file.exists() else file.parent).stat().st_uid
    if owner:
        name = user_name(owner)
        raise UsageError(
            f"{file} belongs to {name}, who could not open the files that root would create beside it: run "
            f"`runuser -u {name} -- mailgate serve` or `systemctl start mailgate`"
        )


def require_writable(settings: Settings) -> None:
    """Raises CommandError for a SQLite database that may not be written."""
    file = sqlite_file(settings.store.database)
    if file is not None and (words := describe_database_denied(file)):
        raise CommandError(f"the database cannot be written to: {words}")


@contextmanager
def reading(config: Path | None, *, whole: bool = False) -> Iterator[DeskView]:
    """Opens a consistent view of the database of a configuration; with `whole`, of one without mistakes only."""
    settings = read_settings(config, needs_secrets=False) if whole else read_what_is_left(config)
    with database_errors():
        database = Database(settings.store.database)
        try:
            database.require()
            with database.read() as connection:
                yield DeskView(settings, connection)
        finally:
            database.close()


@contextmanager
def writing(config: Path | None, *, whole: bool = True) -> Iterator[tuple[Settings, Connection]]:
    """Opens a transaction on the database of a configuration; without `whole`, also of one with mistakes."""
    settings = read_settings(config) if whole else read_what_is_left(config)
    with database_errors():
        database = Database(settings.store.database)
        try:
            database.require()
            with database.write() as connection:
                yield settings, connection
        finally:
            database.close()


@contextmanager
def open_desk(config: Path | None) -> Iterator[Desk]:
    """Builds the desk of a configuration, for a command that acts on tickets; closes its database in the end."""
    settings = read_settings(config)
    from mailgate.daemon.desk import build_desk

    with database_errors():
        desk = build_desk(settings, command_clock())
        try:
            desk.database.require()
            yield desk
        finally:
            desk.database.close()


def find_ticket(connection: Connection, settings: Settings, reference: str) -> Ticket:
    """Returns the ticket of a reference as people write it: `SUP-7`, `sup-7`, `[SUP-7]` or `7`.

    Of one that was merged the ticket that was kept, with a line about it on stderr.
    """
    named = reference.strip().strip("[]")
    number = int(named) if named.isascii() and named.isdigit() and len(named) <= 12 else None
    found = find_by_reference(connection, named) if number is None else find_by_number(connection, number)
    if found is None:
        queues = ("journal", "outbox") if number is not None else ()
        rows = [queue for queue in queues if state_of(connection, queue, number or 0) is not None]
        hint = "".join(f"; {queue} {number} is an email: mailgate cat {queue} {number}" for queue in rows)
        if _was_given(connection, settings, named):
            raise CommandError(
                f"{reference} was issued, but is not in this database: was an older backup restored? "
                f"See Backup in docs/operations.md{hint}"
            )
        raise CommandError(f"there is no ticket {reference}{hint}")
    if number != found.id and named.upper() != found.reference.upper():
        click.echo(f"mailgate: {clean(reference)} was merged into {found.reference}", err=True)
    return found


def _was_given(connection: Connection, settings: Settings, reference: str) -> bool:
    """Tells whether the counter of ticket numbers, or its high-water mark, has reached the number of a reference."""
    from mailgate.store.ticket_numbers import last_number, mark_of

    prefix, _, digits = reference.rpartition("-")
    if prefix.upper() not in ("", settings.desk.reference.upper()) or not (digits.isascii() and digits.isdigit()):
        return False
    return 0 < int(digits[:12]) <= max(last_number(connection), mark_of(connection.engine.url).read())


def first_line(error: object) -> str:
    """Returns the first line of an error's text; those of libraries may be long."""
    return str(error).strip().partition("\n")[0]
