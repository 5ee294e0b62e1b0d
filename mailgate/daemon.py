"""The composition root: builds the desk from its settings, starts its roles, watches them, stops them.

One `serve` per SQLite database: a lock beside the file refuses a second one with the reason, and frees what a killed
one had leased (rule 29). A role that stops beating makes the watchdog silent, so that systemd restarts the daemon.
SIGTERM: SMTP sessions and relay dialogues get ten seconds each, then the process ends with 0 (rule 30).
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from schedule import Scheduler

from mailgate.advance import Advance
from mailgate.circulars import Circulars
from mailgate.clock import Clock, SystemClock
from mailgate.config import Settings
from mailgate.dispatch import Dispatch
from mailgate.failures import Failures
from mailgate.intake import Intake
from mailgate.intake.smtp import SmtpIntake, SmtpSettings
from mailgate.notices import Templates
from mailgate.reception import Reception
from mailgate.relay import Held, Outcome, Relay, RelaySettings, Tls
from mailgate.store.database import Database
from mailgate.store.queue import free_leases
from mailgate.store.schema import journal, outbox, timers
from mailgate.systemd import notify, watchdog_seconds
from mailgate.workers.deadlines import Deadlines
from mailgate.workers.inbound import Inbound
from mailgate.workers.loop import Loop
from mailgate.workers.outbound import Outbound, Wire

log = logging.getLogger("mailgate.daemon")

ROLES = ("intake", "worker", "courier", "clock")
GRACE = 10.0  # seconds for sessions and dialogues to end
_STUCK = 120.0  # seconds without a beat after which a role counts as stuck
_WATCH = 0.5  # seconds between looks for work that another process put in


class AlreadyServed(Exception):
    """Another `serve` holds this database."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that decides, built from the settings: what `serve`, the command line and the tests share."""

    settings: Settings
    database: Database
    clock: Clock
    circulars: Circulars
    advance: Advance
    failures: Failures
    reception: Reception


def build_desk(settings: Settings, clock: Clock | None = None) -> Desk:
    """A desk on its database, which is not opened yet."""
    templates = Templates(settings.desk.templates, settings.desk.languages[0])
    circulars = Circulars(settings, templates)
    advance = Advance(settings, Dispatch(settings, templates, circulars))
    failures = Failures(advance, circulars)
    database = Database(settings.store.database)
    reception = Reception(settings, advance, failures)
    return Desk(settings, database, clock or SystemClock(), circulars, advance, failures, reception)


def relay_settings(settings: Settings) -> RelaySettings:
    """The relay as configured."""
    relay = settings.relay
    return RelaySettings(
        host=relay.host,
        port=relay.port,
        tls=Tls(relay.tls),
        user=relay.user,
        password=relay.password,
        only_to=tuple(relay.only_to),
    )


class DryRun:
    """In place of the relay: every notice is parked, nothing leaves (rule 31)."""

    def send(self, _sender: str, _recipient: str, _message: bytes) -> Outcome:
        return Held("dry run")

    def close(self) -> None: ...


def lock_database(database: Database) -> TextIOWrapper | None:
    """Hold the lock of a SQLite database for as long as the returned file is open; AlreadyServed if another does."""
    if database.path is None:
        return None
    path = database.path.with_name(database.path.name + ".lock")
    held = Path(path).open("a+", encoding="ascii")  # noqa: SIM115 - open as long as the daemon lives
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.seek(0)
        holder = held.read().strip() or "another process"
        held.close()
        raise AlreadyServed(
            f"{database.path} is served by process {holder}: stop it first, or give this desk a database of its own"
        ) from error
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


class Daemon:
    """The running desk."""

    def __init__(self, desk: Desk, roles: Iterable[str] = ROLES, relay: Wire | None = None) -> None:
        self._desk = desk
        self._roles = frozenset(roles)
        self._relay = relay or Relay(relay_settings(desk.settings))
        self._lock: TextIOWrapper | None = None
        self._loops: list[Loop] = []
        self._outbound: Outbound | None = None
        self._intake: Intake | None = None
        self._smtp: SmtpIntake | None = None
        self._events: asyncio.AbstractEventLoop | None = None
        self._events_thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._scheduler = Scheduler()

    @property
    def smtp_port(self) -> int:
        """The port that SMTP listens on, once started."""
        assert self._smtp is not None
        return self._smtp.port

    def start(self) -> None:
        """Open the database and start the roles; AlreadyServed, WrongDatabase or OSError when that cannot be."""
        desk = self._desk
        self._lock = lock_database(desk.database)
        desk.database.create()
        if self._lock is not None:
            with desk.database.write() as connection:
                for table in (journal, outbox, timers):
                    free_leases(connection, table, desk.clock.now())
        self._start_workers()
        if "intake" in self._roles and desk.settings.intake.smtp is not None:
            self._start_smtp()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()
        notify("READY=1")
        log.info(
            "action=start roles=%s database=%s", ",".join(sorted(self._roles)), desk.database.url.partition("?")[0]
        )

    def _start_workers(self) -> None:
        desk, limits = self._desk, self._desk.settings.limits
        if "worker" in self._roles:
            inbound = Inbound(desk.database, desk.clock, desk.reception, limits)
            inbound.is_pressed = self._is_crowded
            self._add(inbound)
        if "clock" in self._roles:
            self._add(Deadlines(desk.database, desk.clock, desk.advance, desk.circulars, limits))
        if "courier" in self._roles:
            connections = desk.settings.relay.connections
            self._outbound = Outbound(desk.database, desk.clock, self._relay, connections, desk.failures, limits)
            self._add(self._outbound)
        for loop in self._loops:
            loop.start()

    def _add(self, worker: Inbound | Deadlines | Outbound) -> None:
        # What one role commits is soon work for the others; the worker itself goes on by itself.
        self._loops.append(Loop(worker, self._desk.clock, self.wake, self._is_crowded))

    def _is_crowded(self) -> bool:
        return self._intake is not None and self._intake.is_crowded()

    def _start_smtp(self) -> None:
        intake, smtp = self._desk.settings.intake, self._desk.settings.intake.smtp
        assert smtp is not None
        self._intake = Intake(self._desk.database, self.wake)
        self._smtp = SmtpIntake(
            SmtpSettings(
                host=smtp.listen.host,
                port=smtp.listen.port,
                max_size=intake.max_size,
                max_connections=smtp.max_connections,
                hostname=smtp.hostname or socket.gethostname(),
                certificate=smtp.certificate,
                key=smtp.key,
                users=smtp.users_file,
            ),
            self._intake.accept,
            self._desk.reception.origins.is_ours,
            self._desk.clock,
        )
        self._events = asyncio.new_event_loop()
        self._events_thread = threading.Thread(target=self._events.run_forever, name="intake", daemon=True)
        self._events_thread.start()
        asyncio.run_coroutine_threadsafe(self._smtp.start(), self._events).result(10)

    def wake(self) -> None:
        """Let every role look for work now."""
        for loop in self._loops:
            loop.wake()

    def _watch(self) -> None:
        """Notice what other processes put in, beat for systemd, keep the chores' timetable."""
        seen = self._desk.database.version()
        beat = watchdog_seconds()
        if beat is not None:
            self._scheduler.every(max(1, int(beat))).seconds.do(self._beat)
        while not self._ended.wait(_WATCH):
            with suppress(Exception):  # a chore that fails is tried at the next look; roles log their own failures
                self._scheduler.run_pending()
                version = self._desk.database.version()
                if version != seen:
                    seen = version
                    self.wake()

    def _beat(self) -> None:
        if all(loop.is_alive() and time.monotonic() - loop.alive_at < _STUCK for loop in self._loops):
            notify("WATCHDOG=1")

    def stop(self, grace: float = GRACE) -> None:
        """End in order: no new mail and no new work, then what is under way has `grace` seconds (rule 30)."""
        notify("STOPPING=1")
        deadline = time.monotonic() + grace
        self._ended.set()
        for loop in self._loops:
            loop.stop()
        if self._smtp is not None and self._events is not None:
            stopping = asyncio.run_coroutine_threadsafe(self._smtp.stop(grace), self._events)
            with suppress(TimeoutError):
                stopping.result(grace + 1)
        for loop in self._loops:
            loop.join(max(deadline - time.monotonic(), 0.1))
        if any(loop.is_alive() for loop in self._loops):
            self._relay.close()  # cuts the dialogues; what they carried is tried again
            for loop in self._loops:
                loop.join(2)
        if self._outbound is not None:
            self._outbound.close()
        if self._intake is not None:
            self._intake.close()
        self._end_events()
        self._desk.database.close()
        if self._lock is not None:
            self._lock.close()
        log.info("action=stop")

    def _end_events(self) -> None:
        if self._events is not None and self._events_thread is not None:
            self._events.call_soon_threadsafe(self._events.stop)
            self._events_thread.join(2)
            self._events.close()


def serve(daemon: Daemon, ready: Callable[[], None] = lambda: None) -> int:
    """Run until SIGTERM or SIGINT; the exit status.

    The signals are waited for, not handled: a handler that wakes a waiting main thread can meet it just before it
    waits, holding the very lock that the handler needs.
    """
    ending = {signal.SIGTERM, signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        daemon.start()
        ready()
        signal.sigwait(ending)
        daemon.stop()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return 0
