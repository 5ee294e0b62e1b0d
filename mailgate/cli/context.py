"""From the command line's words to settings, a database and a ticket.

What cannot be opened is a `CommandError`: lines for stderr and an exit status (2 usage and configuration, 1 failure).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mailgate.config import ConfigError, Settings, read_config
from mailgate.core.clock import Clock
from mailgate.store.database import Database, WrongDatabase
from mailgate.store.tickets import Ticket, find_by_reference

NO_POSTGRESQL = "the driver of PostgreSQL is not installed: pip install 'mailgate[postgres]'"
HERE, SYSTEM = Path("mailgate.toml"), Path("/etc/mailgate/mailgate.toml")

_Function = TypeVar("_Function", bound=Callable[..., Any])


class CommandError(click.ClickException):
    """It cannot be done; the operator is told why instead. Each line goes to stderr behind the program's name."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))


class UsageError(CommandError):
    """It was asked wrongly, or the configuration is wrong."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class DeskView:
    """One consistent look at a desk's database."""

    settings: Settings
    connection: Connection

    def ticket(self, reference: str) -> Ticket:
        """The ticket of that reference, or the one it was merged into."""
        return find_ticket(self.connection, reference)


def command_clock() -> Clock:
    """Returns the clock that `main` gave this command: the machine's, or a test's."""
    clock: Clock = click.get_current_context().obj
    return clock


def config_option(function: _Function) -> _Function:
    """The option that every command takes."""
    words = f"The desk's configuration; without it {HERE} of this folder, else {SYSTEM}."
    kind = click.Path(path_type=Path)
    return click.option("--config", type=kind, metavar="FILE", help=words)(function)


def json_option(function: _Function) -> _Function:
    """The option of everything that other programs may read."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")(function)


def read_settings(config: Path | None) -> Settings:
    """The settings; each mistake in them is a line of the refusal."""
    path = config or next((one for one in (HERE, SYSTEM) if one.exists()), None)
    if path is None:
        raise UsageError(f"there is no {HERE} here and no {SYSTEM}: name one with --config FILE")
    try:
        return read_config(path)
    except ConfigError as error:
        raise UsageError(*error.mistakes) from None


@contextmanager
def database_errors() -> Iterator[None]:
    """What the database says, as a refusal."""
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
    """Refuse a database whose folder is not there: nobody makes folders in a place that may be misspelled."""
    _, found, file = settings.store.database.partition("sqlite:///")
    if found and not Path(file).parent.is_dir():
        raise CommandError(
            f"store.database: the folder {Path(file).parent} is not there: make it, or name another file"
        )


@contextmanager
def reading(config: Path | None) -> Iterator[DeskView]:
    """A consistent look at the database of a configuration."""
    settings = read_settings(config)
    with database_errors():
        database = Database(settings.store.database)
        try:
            database.require()
            with database.read() as connection:
                yield DeskView(settings, connection)
        finally:
            database.close()


def find_ticket(connection: Connection, reference: str) -> Ticket:
    """The ticket of a reference as people write it: `SUP-7`, `sup-7` or `[SUP-7]`."""
    found = find_by_reference(connection, reference.strip().strip("[]"))
    if found is None:
        raise CommandError(f"there is no ticket {reference}")
    return found


def first_line(error: object) -> str:
    """The first line of what something says; libraries like to go on."""
    return str(error).strip().partition("\n")[0]
