"""`serve`: runs the desk, in one process or a process for each group of roles."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mailgate.cli.checks.desk import NO_SOCKET
from mailgate.cli.context import (
    CommandError,
    UsageError,
    command_clock,
    config_option,
    database_errors,
    read_settings,
    require_folder,
)
from mailgate.cli.logformat import KeyValue, log_to_stderr
from mailgate.config import Settings
from mailgate.config.permissions import describe_denied

log = logging.getLogger("mailgate.serve")

# As in daemon/workers/registry, which is not imported for a help text; a test compares the two.
ROLES = ("intake", "worker", "courier", "clock")


@click.command()
@config_option
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(ROLES),
    help="Run this part only: intake takes mail, worker reads it, courier sends, clock keeps deadlines. Repeatable.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Decide everything, send nothing: each notice is parked as 'dry run'.")
def serve(config: Path | None, roles: tuple[str, ...], dry_run: bool) -> int:
    """Run the desk until it is stopped (SIGTERM or Ctrl-C).

    Logs to stderr, one line of key=value pairs for each thing done. An empty database gets its tables.
    """
    settings = read_settings(config)
    require_folder(settings)
    smtp = settings.intake.smtp
    if smtp is not None and smtp.listen.path is not None:
        raise UsageError(f"intake.smtp.listen: {NO_SOCKET}")
    log_to_stderr(KeyValue())
    from mailgate.cli.checks.queues import find_gone
    from mailgate.cli.checks.secret import describe_foreign_secret
    from mailgate.daemon.numbering import continue_numbers
    from mailgate.store.database import Database
    from mailgate.store.locks import lock_database

    wanted = tuple(dict.fromkeys(roles)) or ROLES
    with _start_errors():
        database = Database(settings.store.database)
        lock = lock_database(database)
        database.create()
        with database.read() as connection:
            gone = tuple(find_gone(connection, settings))
            foreign = describe_foreign_secret(connection, settings)
        if not gone:
            continue_numbers(settings, database, command_clock())
        database.close()  # nothing may be open when processes are forked
    try:
        if gone:
            raise UsageError(*gone)
        if foreign:
            log.warning("action=check warning=%r", foreign)
        groups = share_out(wanted, settings.store.processes, sqlite=database.sqlite) if not roles else (wanted,)
        return _serve_apart(settings, groups, dry_run) if len(groups) > 1 else _serve_here(settings, wanted, dry_run)
    finally:
        if lock is not None:
            lock.close()


def share_out(roles: tuple[str, ...], processes: int | str, *, sqlite: bool) -> tuple[tuple[str, ...], ...]:
    """Groups roles into processes. A SQLite file has one writer at a time: a second worker would only wait."""
    if processes == "auto":
        processes = 3 if (os.cpu_count() or 1) > 1 else 1
    if processes == 1:
        return (roles,)
    if processes == 2:
        return ("intake",), ("worker", "clock", "courier")
    more = 0 if sqlite else int(processes) - 3
    return ("intake",), ("worker", "clock"), ("courier",), *((("worker",),) * more)


def _serve_here(settings: Settings, roles: tuple[str, ...], dry_run: bool) -> int:
    from mailgate.daemon.desk import DryRun, build_desk
    from mailgate.daemon.roles import Daemon
    from mailgate.daemon.roles import serve as run
    from mailgate.daemon.systemd import notify, watchdog_seconds

    with _start_errors():
        beat, interval = (lambda: notify("WATCHDOG=1")), watchdog_seconds() or 10.0
        desk = build_desk(settings, relay=DryRun() if dry_run else None)
        daemon = Daemon(desk, roles, beat=beat, interval=interval)
        return run(daemon, lambda: _warn(settings, roles))


def _serve_apart(settings: Settings, groups: tuple[tuple[str, ...], ...], dry_run: bool) -> int:
    """Runs a process for each group of roles; each builds its own desk: no database connection may be forked."""
    from mailgate.daemon.desk import DryRun, build_desk, load_ahead
    from mailgate.daemon.roles import Daemon
    from mailgate.daemon.roles import serve as run
    from mailgate.daemon.supervisor import ChildLink, Supervisor
    from mailgate.daemon.wakeup import WakeupPipes

    load_ahead(settings, command_clock())
    wakeup_pipes = WakeupPipes(role for role in ROLES if role != "intake")

    def run_group(roles: tuple[str, ...], link: ChildLink) -> int:
        try:
            with _start_errors():
                desk = build_desk(settings, relay=DryRun() if dry_run else None)
                daemon = Daemon(desk, roles, wakeup_pipes, link.beat)

                def ready() -> None:
                    _warn(settings, roles)
                    link.ready()

                return run(daemon, ready)
        except CommandError as error:
            for line in error.format_message().splitlines():
                print(f"mailgate: {line}", file=sys.stderr)
            return error.exit_code

    return Supervisor(groups, run_group).serve()


@contextmanager
def _start_errors() -> Iterator[None]:
    """Turns errors that keep the desk from starting into a CommandError."""
    from mailgate.store.locks import AlreadyServed

    try:
        with database_errors():
            yield
    except AlreadyServed as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        words = error.strerror or str(error)
        words = words[:1].lower() + words[1:]
        if isinstance(error, PermissionError) and isinstance(error.filename, str):
            why = describe_denied(Path(error.filename), os.R_OK | os.W_OK)
            words = f"{words}; {why}" if why else words
        raise CommandError(f"{error.filename or 'the desk cannot start'}: {words}") from None


def _warn(settings: Settings, roles: tuple[str, ...]) -> None:
    if "intake" not in roles:
        return
    for warning in settings.warnings:
        log.warning("action=check warning=%r", warning)
    if not settings.intake.has_sources:
        log.warning("action=listen message='no way in is configured: only `mailgate pipe` brings mail'")
