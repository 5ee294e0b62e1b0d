"""`serve`: runs the desk, a parent and a process for each group of roles, and reloads its configuration on SIGHUP."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import click

from mailgate.cli.checks.desk import NO_SOCKET
from mailgate.cli.context import (
    CommandError,
    UsageError,
    command_clock,
    config_option,
    database_errors,
    find_config,
    read_settings,
    refuse_root,
    require_folder,
    require_writable,
)
from mailgate.cli.logformat import JsonLines, KeyValue, error_mark, log_to_stderr
from mailgate.config import Settings
from mailgate.config.permissions import describe_os_error
from mailgate.core.clock import Clock
from mailgate.core.log_fields import Fields

log = logging.getLogger("mailgate.serve")

# As in daemon/workers/registry, which is not imported for a help text; a test compares the two.
ROLES = ("intake", "worker", "courier", "clock")


@click.command()
@config_option
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(ROLES),
    help="Run only this part: intake receives email, worker processes it, courier sends, clock keeps deadlines. "
    "Repeatable.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Process email but send nothing: park each notice as 'dry run'.")
def serve(config: Path | None, roles: tuple[str, ...], dry_run: bool) -> int:
    """Run the desk until it is stopped (SIGTERM or Ctrl-C).

    Logs to stderr, one line of key=value pairs for each action. Creates the tables of an empty database. SIGHUP reloads
    the configuration without refusing a connection. If the new configuration has errors, the desk keeps the old one and
    sends the operator an alarm.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the supervisor takes it: it never ends the desk
    settings = _read(config)
    _configure_log(settings)
    from mailgate.store.database import Database
    from mailgate.store.locks import lock_database

    wanted = tuple(dict.fromkeys(roles)) or ROLES
    with _start_errors():
        database = Database(settings.store.database)
        lock = lock_database(database)
        database.create()
        database.close()  # nothing may be open when processes are forked
    try:
        if mistakes := _start_apart(partial(_find_mistakes, settings)):
            raise UsageError(*mistakes)
        _log_warnings(_start_apart(partial(_continue, settings, command_clock())))
        groups = share_out(wanted, settings.store.processes, sqlite=database.sqlite) if not roles else (wanted,)
        return _serve(_Configuration(config, settings, wanted, command_clock()), groups, dry_run)
    finally:
        if lock is not None:
            lock.close()


def _start_apart(step: Callable[[], Sequence[str]]) -> tuple[str, ...]:
    """Returns the lines of a step of the start, which runs in a process of its own.

    Raises CommandError where it failed, was killed or took too long. That is no mistake of the configuration: with the
    exit status 1 systemd starts the desk again.
    """
    from mailgate.daemon.supervisor import STEP_FAILED, run_apart

    lines = run_apart(step)
    if lines == (STEP_FAILED,):
        raise CommandError(STEP_FAILED)
    return lines


def _configure_log(settings: Settings) -> None:
    formatter = JsonLines() if settings.log.format == "json" else KeyValue()
    log_to_stderr(formatter, logging.getLevelNamesMapping()[settings.log.level.upper()])


def _read(config: Path | None) -> Settings:
    """Reads the settings of a desk that is to run, as the right user. Raises CommandError."""
    settings = read_settings(config)
    require_folder(settings)
    refuse_root(settings)
    require_writable(settings)
    smtp = settings.intake.smtp
    if smtp is not None and smtp.listen.path is not None:
        raise UsageError(f"intake.smtp.listen: {NO_SOCKET}")
    return settings


def _find_mistakes(settings: Settings) -> list[str]:
    """Finds what keeps the desk from starting: missing queues of open tickets, broken templates, a missing package.

    What is wrong around the desk (a folder, a mailbox) does not keep it from starting: that has alarms.
    """
    from mailgate.cli.checks.desk import CheckResult, check_metrics, check_templates
    from mailgate.cli.checks.queues import check_queues

    findings = (*check_queues(settings, connect=True), *check_templates(settings), *check_metrics(settings))
    return [finding.words for finding in findings if finding.verdict is CheckResult.FAILED]


def _continue(settings: Settings, clock: Clock) -> list[str]:
    """Goes on with ticket numbers where the desk last ended, and returns what is to be warned of."""
    from mailgate.daemon.numbering import continue_numbers
    from mailgate.store.database import Database

    with closing(Database(settings.store.database)) as database:
        continue_numbers(settings, database, clock)
    return _find_warnings(settings, clock)


def _find_warnings(settings: Settings, clock: Clock) -> list[str]:
    """Finds what does not keep the desk from starting, but is hardly meant: a foreign secret, notices not sent."""
    from mailgate.cli.checks.secret import describe_foreign_secret
    from mailgate.cli.checks.sending import find_unsent
    from mailgate.store.database import Database

    with closing(Database(settings.store.database)) as database, database.read() as connection:
        foreign = describe_foreign_secret(connection, settings)
        return [*([foreign] if foreign else []), *find_unsent(connection, settings, clock.now())]


def _log_warnings(warnings: Iterable[str]) -> None:
    for warning in warnings:
        log.warning(Fields(action="check", warning=warning))


class _Configuration:
    """The configuration of a running desk, and what its parent process holds open for it (`supervisor.Reloading`)."""

    def __init__(self, path: Path | None, settings: Settings, roles: tuple[str, ...], clock: Clock) -> None:
        from mailgate.daemon.desk import load_ahead
        from mailgate.daemon.listening import ListeningSockets
        from mailgate.daemon.systemd import take_passed_sockets

        self.settings = settings
        self._former = settings
        self._path = path.absolute() if path is not None else None
        self._roles = roles
        self._clock = clock
        self.listening = ListeningSockets(take_passed_sockets())
        self._listen(settings)
        load_ahead(settings, clock)

    def take(self) -> tuple[str, ...]:
        from mailgate.daemon.desk import load_ahead
        from mailgate.daemon.supervisor import run_apart

        try:
            _require_file(self._path or find_config())
            settings = _read(self._path)
            mistakes = tuple(_find_fixed(self.settings, settings))
            mistakes = mistakes or run_apart(partial(_find_mistakes, settings))
            if not mistakes:
                load_ahead(settings, self._clock)
                warnings = run_apart(partial(_find_warnings, settings, self._clock))
                self._listen(settings)  # the last that can fail
                _log_warnings(warnings)
                self._former, self.settings = self.settings, settings
                _configure_log(settings)
        except CommandError as error:
            mistakes = tuple(error.format_message().splitlines())
        except Exception as error:  # the edge of a reload: no configuration may end a desk that runs
            log.exception(Fields(action="reload", result="failed"))
            mistakes = (f"it cannot be used: {type(error).__name__}: {error}",)
        if mistakes:
            self._alarm(mistakes)
        return mistakes

    def revert(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        self.settings = self._former
        _configure_log(self.settings)
        self.listening.revert()
        mistakes = (f"{' and '.join(roles)} could not start with it: see the log",)
        self._alarm(mistakes)
        return mistakes

    def settle(self) -> None:
        if self.settings.relay != self._former.relay:  # what waits because of the relay of before is tried at once
            from mailgate.daemon.supervisor import run_apart

            for words in run_apart(partial(_wake_notices, self.settings, self._clock)):
                log.error(Fields(action="wake", result="failed", reason=words))
        self._former = self.settings
        self.listening.settle()

    def stop(self) -> None:
        self.listening.close()

    def _listen(self, settings: Settings) -> None:
        if "intake" in self._roles:
            with _start_errors():
                self.listening.open(settings)

    def _alarm(self, mistakes: tuple[str, ...]) -> None:
        """Puts an alarm for the operator into the outbox, by the configuration that stays."""
        from mailgate.daemon.supervisor import run_apart

        for words in run_apart(partial(_put_alarm, self.settings, self._clock, mistakes)):
            log.error(Fields(action="alarm", result="failed", reason=words))


def _put_alarm(settings: Settings, clock: Clock, mistakes: tuple[str, ...]) -> tuple[str, ...]:
    from mailgate.daemon.desk import build_desk
    from mailgate.notices.alarms import RELOAD_REFUSED, Alarm

    desk = build_desk(settings, clock)
    try:
        with database_errors(), desk.database.write() as connection:
            desk.system_notices.tell(connection, Alarm(RELOAD_REFUSED, ("; ".join(mistakes),)), clock.now())
    except CommandError as error:
        return (error.format_message(),)
    finally:
        desk.database.close()
    return ()


def _require_file(path: Path) -> None:
    """Raises UsageError for a pipe or a device in place of the configuration: reading it might never end."""
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: not a regular file")


def _wake_notices(settings: Settings, clock: Clock) -> tuple[str, ...]:
    """Makes the notices due that a relay has put off, and returns why that failed."""
    from mailgate.store.database import Database
    from mailgate.store.outbox import wake_notices

    try:
        with database_errors(), closing(Database(settings.store.database)) as database, database.write() as connection:
            log.info(Fields(action="wake", notices=wake_notices(connection, clock.now())))
    except CommandError as error:
        return (error.format_message(),)
    return ()


def _find_fixed(before: Settings, after: Settings) -> Iterator[str]:
    """Yields a line for each change that only a restart can take over."""
    for name in ("database", "processes"):
        if getattr(before.store, name) != getattr(after.store, name):
            yield f"store.{name}: a reload cannot change it: run `systemctl restart mailgate`"


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


def _serve(configuration: _Configuration, groups: tuple[tuple[str, ...], ...], dry_run: bool) -> int:
    """Runs a process for each group of roles; each builds its own desk: no database connection may be forked."""
    from mailgate.daemon.desk import DryRun, build_desk
    from mailgate.daemon.roles import Daemon
    from mailgate.daemon.roles import serve as run
    from mailgate.daemon.supervisor import ChildLink, Supervisor, run_apart
    from mailgate.daemon.wakeup import WakeupPipes

    wakeup_pipes = WakeupPipes(role for role in ROLES if role != "intake")

    def run_group(roles: tuple[str, ...], link: ChildLink) -> int:
        try:
            with _start_errors():
                settings, listening = configuration.settings, configuration.listening
                listening.release(listens="intake" in roles)
                desk = build_desk(settings, relay=DryRun() if dry_run else None)
                daemon = Daemon(desk, roles, wakeup_pipes, link.beat, listening)

                def ready() -> None:
                    _warn(settings, roles)
                    link.ready()

                return run(daemon, ready)
        except CommandError as error:
            for line in error.format_message().splitlines():
                print(f"{error_mark()}mailgate: {line}", file=sys.stderr)
            return error.exit_code

    try:
        return Supervisor(groups, run_group, configuration, dry_run=dry_run).serve()
    finally:
        configuration.stop()
        run_apart(partial(_withdraw_signs, configuration.settings, [role for group in groups for role in group]))


def _withdraw_signs(settings: Settings, roles: list[str]) -> tuple[str, ...]:
    """Lets `status` know at once that this desk has ended; without the database its signs run out by themselves."""
    from mailgate.store.database import Database
    from mailgate.store.source_status import withdraw_signs

    with closing(Database(settings.store.database)) as database, database.write() as connection:
        withdraw_signs(connection, roles, socket.gethostname())
    return ()


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
        raise CommandError(describe_os_error(error, "the desk cannot start")) from None


def _warn(settings: Settings, roles: tuple[str, ...]) -> None:
    if "intake" not in roles:
        return
    _log_warnings(settings.warnings)
    if not settings.intake.has_sources:
        log.warning(
            Fields(action="listen", message=("no source is configured: email arrives only through `mailgate pipe`"))
        )
