"""The roles of one process: starts them on a desk, watches them, stops them.

`serve` runs all roles in one process, or `supervisor` runs some in each of several. A role that stops beating makes
the heartbeat silent, so that whoever watches can restart the process. SIGTERM: SMTP sessions and relay dialogues get
ten seconds each, then the process ends with 0 (rule 30).
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from schedule import Scheduler

from mailgate.core.clock import Jumps
from mailgate.daemon.desk import Desk, DryRun, relay_settings
from mailgate.daemon.sources import Sources
from mailgate.daemon.systemd import notify
from mailgate.daemon.wakeup import WakeupPipes
from mailgate.daemon.workers.archive import ArchiveWorker
from mailgate.daemon.workers.digest import DigestWorker
from mailgate.daemon.workers.holds import HoldWorker
from mailgate.daemon.workers.inbound import InboundWorker
from mailgate.daemon.workers.knowledge import KnowledgeWorker
from mailgate.daemon.workers.loop import Loop, Worker
from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.daemon.workers.outbound import NoticeSender, OutboundWorker
from mailgate.daemon.workers.probe import ProbeWorker
from mailgate.daemon.workers.replanning import ReplanningWorker
from mailgate.daemon.workers.reports import ReportWorker
from mailgate.daemon.workers.singleton import Singleton
from mailgate.daemon.workers.timers import TimerWorker
from mailgate.store.queue import free_leases
from mailgate.store.schema import journal, outbox, timers
from mailgate.store.watch import ChangeWatch, open_watch
from mailgate.transport.relay import Relay

log = logging.getLogger("mailgate.daemon")

ROLES = ("intake", "worker", "courier", "clock")
GRACE = 10.0  # seconds for sessions and dialogues to end
STUCK = 120.0  # seconds without a beat after which a role counts as stuck
_WATCH = 0.5  # seconds between looks for work that another process put in
# Whose work begins where a role's ends. What is not here (a failed notice sets a timer) is found at the next look.
_NEXT = {
    "intake": ("worker",), "worker": ("courier", "clock"), "clock": ("courier",), "courier": (),
    "alarms": ("courier",), "holds": ("courier",), "digest": ("courier",), "probe": ("courier",),
    "knowledge": (), "archive": ("courier",), "plans": ("courier", "clock"), "reports": ("courier",),
}  # fmt: skip
_QUEUE = {"worker": journal, "courier": outbox, "clock": timers}


class Daemon:
    """Some or all roles of a desk, as threads of this process.

    `bells` reach the roles in other processes. `beat` is called every `interval` seconds while all roles are alive.
    """

    def __init__(
        self,
        desk: Desk,
        roles: Iterable[str] = ROLES,
        relay: NoticeSender | None = None,
        bells: WakeupPipes | None = None,
        beat: Callable[[], None] = lambda: None,
        interval: float = 10.0,
    ) -> None:
        self._desk = desk
        self._roles = frozenset(roles)
        self._dry_run = isinstance(relay, DryRun)
        self._relay = relay or Relay(relay_settings(desk.settings, desk.clock))
        self._bells = bells
        self._loops: dict[str, Loop] = {}
        self._alone: list[Singleton] = []
        self._outbound: OutboundWorker | None = None
        self._gateway: Sources | None = None
        self._watch: ChangeWatch | None = None
        self._watching: threading.Thread | None = None
        self._ended = threading.Event()
        self._jumps = Jumps(desk.clock)
        self._scheduler = Scheduler()
        self._scheduler.every(max(1, int(interval))).seconds.do(self._beat, beat)

    @property
    def smtp_port(self) -> int:
        """The port that SMTP listens on, once started."""
        assert self._gateway is not None
        return self._gateway.smtp_port

    def start(self) -> None:
        """Open the database and start the roles; WrongDatabase or OSError when that cannot be."""
        desk = self._desk
        if self._roles & {"worker", "clock"}:
            desk.directory.current()  # large files are read now, and what is wrong with them is logged
        desk.database.create()
        if desk.database.sqlite:  # on one host only one process has a role: whoever held a lease is dead (rule 29)
            with desk.database.write() as connection:
                for role in self._roles & _QUEUE.keys():
                    free_leases(connection, _QUEUE[role], desk.clock.now())
        self._watch = open_watch(desk.database)
        self._start_workers()
        if "intake" in self._roles:
            self._gateway = Sources(desk, partial(self.spread, "intake"), dry_run=self._dry_run)
            self._gateway.start()
        self._watching = threading.Thread(target=self._look, name="watch", daemon=True)
        self._watching.start()
        log.info("action=start roles=%s database=%s", ",".join(sorted(self._roles)), desk.database.name)

    def _start_workers(self) -> None:
        desk, limits = self._desk, self._desk.settings.limits
        if "worker" in self._roles:
            self._add(InboundWorker(desk.database, desk.clock, desk.receiver, limits))
        if "clock" in self._roles:
            self._add(
                self._one_of_many(TimerWorker(desk.database, desk.clock, desk.tickets, desk.system_notices, limits))
            )
            self._add(
                self._one_of_many(MonitoringWorker(desk.database, desk.clock, desk.system_notices, desk.settings))
            )
            plans = ReplanningWorker(desk.database, desk.clock, desk.tickets, desk.system_notices, desk.settings)
            self._add(self._one_of_many(plans))
            self._add(self._one_of_many(HoldWorker(desk.database, desk.clock, desk.holds, desk.system_notices)))
            if desk.settings.digest.at is not None:
                digests = DigestWorker(desk.database, desk.clock, desk.system_notices, desk.directory, desk.settings)
                self._add(self._one_of_many(digests))
            if desk.settings.archive.folder is not None:
                archivist = ArchiveWorker(desk.database, desk.clock, desk.system_notices, desk.settings)
                self._add(self._one_of_many(archivist))
            if desk.settings.reports:
                bulletins = ReportWorker(desk.database, desk.clock, desk.system_notices, desk.settings)
                self._add(self._one_of_many(bulletins))
            if desk.settings.knowledge.enabled:
                self._start_shelf()
            if desk.settings.intake.probe_every is not None:
                self._add(self._one_of_many(ProbeWorker(desk.database, desk.clock, desk.system_notices, desk.settings)))
        if "courier" in self._roles:
            connections = desk.settings.relay.connections
            self._outbound = OutboundWorker(desk.database, desk.clock, self._relay, connections, desk.failures, limits)
            self._add(self._outbound)
        for name, loop in self._loops.items():
            if self._bells is not None and name in ROLES:
                self._bells.listen(name, loop.wake)
            loop.start()

    def _start_shelf(self) -> None:
        shelf = KnowledgeWorker(self._desk.database, self._desk.clock, self._desk.settings)
        if self._desk.settings.knowledge.articles is not None:
            self._add(self._one_of_many(shelf))
        else:
            shelf.step()  # articles of a folder that is configured no more are found no more

    def _one_of_many(self, worker: Worker) -> Worker:
        """On PostgreSQL any host may have a clock; one at a time is the desk's."""
        if self._desk.database.sqlite:
            return worker
        holder = f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex}"
        alone = Singleton(worker, self._desk.database, self._desk.clock, holder, self._desk.settings.limits)
        self._alone.append(alone)
        return alone

    def _add(self, worker: Worker) -> None:
        self._loops[worker.name] = Loop(worker, self._desk.clock, partial(self.spread, worker.name))

    def spread(self, role: str) -> None:
        """A role has committed something: those whose work it is look now, in this process or another."""
        for other in _NEXT[role]:
            if other in self._loops:
                self._loops[other].wake()
            elif self._bells is not None:
                self._bells.ring(other)

    def wake(self) -> None:
        """Let every role of this process look for work now."""
        for loop in self._loops.values():
            loop.wake()

    def _look(self) -> None:
        """Notice what other processes put in and that the machine slept, and beat."""
        assert self._watch is not None
        while not self._ended.is_set():
            with suppress(Exception):  # a look that fails is made again; the roles log their own failures
                changed = self._watch.wait(_WATCH)
                if self._jumps.has_jumped():
                    log.info("action=wake reason='the clock has jumped'")
                    self._scheduler.run_all()  # it counts by the clock, too
                    changed = True
                if changed:
                    self.wake()
                self._scheduler.run_pending()
        self._watch.close()

    def _beat(self, beat: Callable[[], None]) -> None:
        works = all(loop.is_alive() and time.monotonic() - loop.alive_at < STUCK for loop in self._loops.values())
        if works and (self._gateway is None or self._gateway.is_alive()):
            beat()

    def stop(self, grace: float = GRACE) -> None:
        """End in order: no new mail and no new work, then what is under way has `grace` seconds (rule 30)."""
        deadline = time.monotonic() + grace
        self._ended.set()
        for loop in self._loops.values():
            loop.stop()
        if self._gateway is not None:
            self._gateway.stop(grace)
        for loop in self._loops.values():
            loop.join(max(deadline - time.monotonic(), 0.1))
        if any(loop.is_alive() for loop in self._loops.values()):
            self._relay.close()  # cuts the dialogues; what they carried is tried again
            for loop in self._loops.values():
                loop.join(2)
        self._close()
        log.info("action=stop roles=%s", ",".join(sorted(self._roles)))

    def _close(self) -> None:
        if self._outbound is not None:
            self._outbound.close()
        if self._gateway is not None:
            self._gateway.close()
        for alone in self._alone:
            with suppress(Exception):  # where the database is gone, the lease runs out by itself
                alone.close()
        if self._watch is not None and self._watching is not None:
            self._watch.end()
            self._watching.join(2)
        self._desk.database.close()


def serve(daemon: Daemon, ready: Callable[[], None] = lambda: None) -> int:
    """Run until SIGTERM or SIGINT; the exit status.

    The signals are waited for, not handled: a handler that wakes a waiting main thread can meet it just before it
    waits, holding the very lock that the handler needs.
    """
    ending = {signal.SIGTERM, signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        daemon.start()
        notify("READY=1")
        ready()
        signal.sigwait(ending)
        notify("STOPPING=1")
        daemon.stop()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return 0
