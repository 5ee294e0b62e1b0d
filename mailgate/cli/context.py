"""Opens the settings, the database and the ticket that a command names.

Raises `CommandError` where that fails: lines for stderr and an exit status (2 usage and configuration, 1 failure).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mailgate.config import ConfigError, Settings, read_config
from mailgate.core.clock import Clock
from mailgate.store.database import Database, WrongDatabase
from mailgate.store.tickets import Ticket, find_by_reference

if TYPE_CHECKING:
    from mailgate.daemon.desk import Desk

NO_POSTGRESQL = "the driver of PostgreSQL is not installed: pip install 'mailgate[postgres]'"
HERE, SYSTEM = Path("mailgate.toml"), Path("/etc/mailgate/mailgate.toml")

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
        return find_ticket(self.connection, reference)


def command_clock() -> Clock:
    """Returns the clock that `main` gave this command: the machine's, or a test's."""
    clock: Clock = click.get_current_context().obj
    return clock


def config_option(function: _Function) -> _Function:
    """Adds the option that every command takes."""
    words = f"The desk's configuration; without it {HERE} of this folder, else {SYSTEM}."
    kind = click.Path(path_type=Path)
    return click.option("--config", type=kind, metavar="FILE", help=words)(function)


def json_option(function: _Function) -> _Function:
    """Adds the option of commands that other programs may read."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")(function)


def read_settings(config: Path | None) -> Settings:
    """Reads the settings; each mistake in them is a line of the error."""
    path = config or next((one for one in (HERE, SYSTEM) if one.exists()), None)
    if path is None:
        raise UsageError(f"there is no {HERE} here and no {SYSTEM}: name one with --config FILE")
    try:
        return read_config(path)
    except ConfigError as error:
        raise UsageError(*error.mistakes) from None


@contextmanager
def database_errors() -> Iterator[None]:
    """Turns errors of the database into a CommandError."""
    try:
        yield
    except WrongDatabase as error:
        raise CommandError(str(error)) from None
    except DBAPIError as error:
        raise CommandError(f"the database failed: {first_line(error.orig or error)}") from None
    except ImportError:
        raise CommandError(f"store.database: {NO_POSTGRESQL}") from None
    except SQLAlchemyError as error:
        raise CommandError(f"the database cannot be used: {first_line(error)}") from None


def require_folder(settings: Settings) -> None:
    """Raises CommandError for a database in a missing folder, which is not created: it may be misspelled."""
    _, found, file = settings.store.database.partition("sqlite:///")
    if found and not Path(file).parent.is_dir():
        raise CommandError(
            f"store.database: the folder {Path(file).parent} is not there: make it, or name another file"
        )


@contextmanager
def reading(config: Path | None) -> Iterator[DeskView]:
    """Opens a consistent view of the database of a configuration."""
    settings = read_settings(config)
    with database_errors():
        database = Database(settings.store.database)
        try:
            database.require()
            with database.read() as connection:
                yield DeskView(settings, connection)
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


def find_ticket(connection: Connection, reference: str) -> Ticket:
    """Returns the ticket of a reference as people write it: `SUP-7`, `sup-7` or `[SUP-7]`."""
    found = find_by_reference(connection, reference.strip().strip("[]"))
    if found is None:
        raise CommandError(f"there is no ticket {reference}")
    return found


def first_line(error: object) -> str:
    """Returns the first line of an error's text; those of libraries may be long."""
    return str(error).strip().partition("\n")[0]
