"""Runs the roles of one process: starts them on a desk, watches them, stops them.

The supervisor runs all roles in one process, or some in each of several. Where a role hangs, the heartbeat stops, so
that the supervisor restarts the process. SIGTERM: SMTP sessions and relay dialogues get ten
seconds each, then the process ends with 0 (rule 30).
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from mailgate.config import SENDING
from mailgate.core.clock import Jumps
from mailgate.core.log_fields import Fields
from mailgate.daemon.desk import Desk, DryRun
from mailgate.daemon.listening import ListeningSockets
from mailgate.daemon.periodic import PeriodicJob, PeriodicJobs
from mailgate.daemon.sources import Sources
from mailgate.daemon.wakeup import WakeupPipes
from mailgate.daemon.workers.hooks import HookWorker
from mailgate.daemon.workers.knowledge import withdraw_unconfigured
from mailgate.daemon.workers.outbound import OutboundWorker
from mailgate.daemon.workers.registry import ROLES, WAKES, list_workers
from mailgate.daemon.workers.scanner import ScanWorker
from mailgate.daemon.workers.singleton import Singleton
from mailgate.daemon.workers.worker_loop import Loop, Worker
from mailgate.store.change_watch import ChangeWatch, open_watch
from mailgate.store.schema import hook_calls, journal, outbox, timers
from mailgate.store.sending import note_dry_run
from mailgate.store.source_status import get_status, note_signs
from mailgate.store.work_queue import free_leases

if TYPE_CHECKING:
    from mailgate.daemon.health.exporter import Exporter

log = logging.getLogger("mailgate.daemon")

GRACE = 10.0  # seconds for sessions and dialogues to end
STUCK = 120.0  # seconds without a beat after which a role counts as stuck
_WATCH = 0.5  # seconds between looks for work that another process has added
_BESIDE = {"worker": "scanner", "courier": "hooks"}  # workers that look for work whenever that role does
_QUEUES = {"worker": (journal,), "courier": (outbox, hook_calls), "clock": (timers,)}


class Daemon:
    """Runs some or all roles of a desk as threads of this process.

    `wakeup_pipes` reach the roles in other processes. `listening` are sockets that the parent has opened. `beat` is
    called every ten seconds while all roles are alive, with True where this is the courier and sending is held.
    """

    def __init__(
        self,
        desk: Desk,
        roles: Iterable[str] = ROLES,
        wakeup_pipes: WakeupPipes | None = None,
        beat: Callable[[bool], None] = lambda _is_held: None,
        listening: ListeningSockets | None = None,
    ) -> None:
        self._desk = desk
        self._roles = frozenset(roles)
        self._wakeup_pipes = wakeup_pipes
        self._listening = listening
        self._workers: list[Worker] = []
        self._loops: dict[str, Loop] = {}
        self._sources: Sources | None = None
        self._watch: ChangeWatch | None = None
        self._watching: threading.Thread | None = None
        self._has_changed = False  # since all roles were woken
        self._wake_all_at = float("-inf")  # monotonic
        self._dry_run = isinstance(desk.relay, DryRun)
        self._is_held = False
        self._exporter: Exporter | None = None
        self._ended = threading.Event()
        self._started_at = desk.clock.now()
        self._jumps = Jumps(desk.clock)
        self._periodic = PeriodicJobs(desk.clock)
        self._periodic.add(PeriodicJob.HEARTBEAT, partial(self._beat, beat))
        self._periodic.add(PeriodicJob.ROLE_SIGNS, self._sign)

    @property
    def metrics_port(self) -> int:
        """The port that Prometheus is answered on, once started."""
        assert self._exporter is not None
        return self._exporter.port

    @property
    def smtp_port(self) -> int:
        """The port that SMTP listens on, once started."""
        assert self._sources is not None
        return self._sources.smtp_port

    def start(self) -> None:
        """Opens the database and starts the roles. Raises WrongDatabase or OSError where that is not possible."""
        desk = self._desk
        if self._roles & {"worker", "clock"}:
            desk.directory.current()  # large files are read now, and what is wrong with them is logged
        desk.database.create()
        if desk.database.sqlite:  # on one host one process has a role: the holder of a lease that is left is dead
            with desk.database.write() as connection:  # (rule 29)
                for queue in (queue for role, queues in _QUEUES.items() if role in self._roles for queue in queues):
                    free_leases(connection, queue, desk.clock.now())
        if "courier" in self._roles:
            with desk.database.write() as connection:
                note_dry_run(connection, desk.clock.now() if self._dry_run else None)
        self._watch = open_watch(desk.database)
        self._start_workers()
        if "intake" in self._roles:
            stored = partial(self.spread, "intake")
            self._sources = Sources(desk, stored, dry_run=self._dry_run, listening=self._listening)
            self._sources.start()
        if "clock" in self._roles:
            self._export()
        self._periodic.run_all()
        self._watching = threading.Thread(target=self._look, name="watch", daemon=True)
        self._watching.start()
        level, dry_run = (logging.WARNING, "yes") if self._dry_run else (logging.INFO, None)
        roles = ",".join(sorted(self._roles))
        log.log(level, Fields(action="start", roles=roles, database=desk.database.name, dry_run=dry_run))

    def _start_workers(self) -> None:
        desk = self._desk
        if "clock" in self._roles:
            withdraw_unconfigured(desk)
        for row in list_workers(desk.settings, self._roles):
            worker = row.worker(desk)
            if row.role == "clock" and not desk.database.sqlite:  # any host may have a clock, one at a time works
                worker = Singleton(worker, desk, f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex}")
            self._workers.append(worker)
            self._loops[worker.name] = Loop(worker, desk.clock, partial(self.spread, worker.name))
        for name, loop in self._loops.items():
            if self._wakeup_pipes is not None and name in ROLES:
                self._wakeup_pipes.listen(name, partial(self._wake_role, name))
            loop.start()

    def _export(self) -> None:
        """Listens for Prometheus where that is configured; the desk works on where it cannot."""
        listen = self._desk.settings.metrics.listen
        if listen is None:
            return
        from mailgate.daemon.health.exporter import Exporter  # with a package that not every desk has

        try:
            self._exporter = Exporter(self._desk, listen)
        except OSError as error:
            place = {"host": listen.host, "port": listen.port}
            log.error(Fields(action="listen", protocol="http", **place, result="failed", reason=error.strerror))
            return
        self._exporter.start()
        log.info(Fields(action="listen", protocol="http", host=listen.host, port=self._exporter.port))

    def spread(self, role: str) -> None:
        """Wakes the roles that continue what `role` has committed, in this process or another."""
        for other in WAKES[role]:
            if other in self._loops:
                self._wake_role(other)
            elif self._wakeup_pipes is not None:
                self._wakeup_pipes.wake(other)

    def _wake_role(self, role: str) -> None:
        for name in (role, _BESIDE.get(role)):
            if name in self._loops:
                self._loops[name].wake()

    def wake(self) -> None:
        """Lets every role of this process look for work now."""
        for loop in self._loops.values():
            loop.wake()

    def _look(self) -> None:
        """Notices what other processes have added and that the machine slept, and beats."""
        assert self._watch is not None
        while not self._ended.is_set():
            with suppress(Exception):  # a look that fails is made again; the roles log their own failures
                self._wake_for(self._watch.wait(_WATCH))
                if self._jumps.has_jumped():
                    log.info(Fields(action="wake", reason="the clock has jumped"))
                    self._periodic.run_all()  # the signs tell the time
                    self.wake()
                self._periodic.run_pending()
        self._watch.close()

    def _wake_for(self, queues: Collection[str]) -> None:
        """Wakes the roles of queues that have new work at once, and all others once in half a second at most."""
        for role, own in _QUEUES.items():
            if role in self._loops and any(queue.name in queues for queue in own):
                self._wake_role(role)
        self._has_changed = self._has_changed or bool(queues)
        if self._has_changed and time.monotonic() >= self._wake_all_at:
            self._has_changed, self._wake_all_at = False, time.monotonic() + _WATCH
            self.wake()

    def _beat(self, beat: Callable[[bool], None]) -> None:
        if self._works():
            with suppress(Exception):  # without the database nothing is sent either
                self._look_at_hold()
            beat(self._is_held)

    def _look_at_hold(self) -> None:
        """Logs that the operator holds sending, or no longer does."""
        if "courier" not in self._roles:
            return
        with self._desk.database.read() as connection:
            row = get_status(connection, SENDING)
        is_held = row is not None and row.failing_since is not None
        if row is not None and is_held and not self._is_held:
            since, by = row.failing_since, row.figures.get("by")
            log.warning(Fields(action="send", result="held", since=since, by=by, reason=row.last_error))
        elif self._is_held and not is_held:
            log.info(Fields(action="send", result="resumed"))
        self._is_held = is_held

    def _works(self) -> bool:
        works = all(loop.is_alive() and time.monotonic() - loop.alive_at < STUCK for loop in self._loops.values())
        return works and (self._sources is None or self._sources.is_alive())

    def _sign(self) -> None:
        """Records that the roles of this process live, for `mailgate status`; the log has why it cannot be written."""
        if not self._works():
            return
        with suppress(Exception), self._desk.database.write() as connection:
            now = self._desk.clock.now()
            note_signs(connection, self._roles, socket.gethostname(), os.getpid(), min(self._started_at, now), now)

    def stop(self, grace: float = GRACE) -> None:
        """Ends in order: no new mail and no new work, then what is under way has `grace` seconds (rule 30)."""
        deadline = time.monotonic() + grace
        self._ended.set()
        for loop in self._loops.values():
            loop.stop()
        if self._sources is not None:
            self._sources.stop(grace)
        for loop in self._loops.values():
            loop.join(max(deadline - time.monotonic(), 0.1))
        if any(loop.is_alive() for loop in self._loops.values()):
            self._desk.relay.close()  # cuts the dialogues; what they carried is tried again
            for loop in self._loops.values():
                loop.join(2)
        self._close()
        log.info(Fields(action="stop", roles=",".join(sorted(self._roles))))

    def _close(self) -> None:
        if self._exporter is not None:
            self._exporter.stop()
        for worker in self._workers:
            if isinstance(worker, HookWorker | OutboundWorker | ScanWorker):
                worker.close()
            if isinstance(worker, OutboundWorker) and self._dry_run:
                with suppress(Exception), self._desk.database.write() as connection:
                    note_dry_run(connection, None)
        if self._sources is not None:
            self._sources.close()
        for worker in self._workers:
            if isinstance(worker, Singleton):
                with suppress(Exception):  # where the database is gone, the lease runs out by itself
                    worker.close()
        if self._watch is not None and self._watching is not None:
            self._watch.end()
            self._watching.join(2)
        self._desk.database.close()


def serve(daemon: Daemon, ready: Callable[[], None] = lambda: None) -> int:
    """Runs until SIGTERM or SIGINT and returns the exit status.

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
