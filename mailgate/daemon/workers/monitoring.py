"""Monitors the sources: one mail to the operator when one has failed for too long, one more when it works again.

Monitors the disks and the clock, too, and sends the alarms that were held back. After a jump of the clock every source
has `alarm_after` from then on, since its last success says nothing by the new time.

The table `ways` records each alarm, in the transaction that puts the mail into the outbox, so that none is sent
twice, after a restart or by two processes. A failing relay is logged, and calls the hooks of alarms, since no mail
could leave. Raises only for a lost database, and then sends the alarm later.
"""

from __future__ import annotations

import logging
import socket
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection

from mailgate.config import CLOCK, DESK, RELAY, SCANNER, name_hook, name_listeners, name_sources
from mailgate.core.clock import Jumps
from mailgate.core.log_fields import Fields
from mailgate.daemon.desk import Desk
from mailgate.daemon.periodic import PeriodicJob, PeriodicJobs
from mailgate.notices.alarms import CLOCK_AHEAD, CLOCK_BACK, DISK_LOW, HOOK_FAILED, SCANNER_FAILED, Alarm
from mailgate.notices.probe import read_stop
from mailgate.notices.system_notices import has_due_alarms
from mailgate.store.disk_space import DiskSpace, measure_disks
from mailgate.store.schema import hook_calls, journal, outbox
from mailgate.store.source_status import (
    SourceStatusRow,
    list_statuses,
    lock_status,
    note_alarm,
    note_figures,
    note_success,
    settle_clock,
)
from mailgate.store.work_queue import bring_forward

log = logging.getLogger("mailgate.alarms")

_JUMP = timedelta(minutes=5)  # what a clock is set by, beyond the time that passed, without a word
_LONGEST_DELAY = timedelta(hours=2)  # no mail waits for longer than an hour between two attempts
_SINCE = "down_since"  # a figure of the source while the alarm is active: a success erases since when it had failed


class _Change(Enum):
    STOPPED = "stopped"
    WORKS = "works"


class MonitoringWorker:
    """The worker that monitors the sources and the relay."""

    name = "alarms"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        self._system_notices = desk.system_notices
        self._after = desk.settings.intake.alarm_after.span
        self._hooks = {name_hook(hook): hook.name for hook in desk.settings.hooks}
        scanner = (SCANNER,) if desk.settings.intake.scan is not None else ()
        silent = (*name_listeners(desk.settings), RELAY, *scanner, *self._hooks)
        self._failing_only = frozenset(silent)  # silence says nothing of these
        self._names = (*name_sources(desk.settings), *silent)
        path = desk.database.path
        self._folders = (path.parent if path is not None else None, desk.settings.archive.folder)
        self._least_free = desk.settings.limits.disk_free_percent
        self._low: set[str] = set()  # disks whose lack of space the log has
        self._jumps = Jumps(desk.clock, desk.clock.passed)
        self._unsettled = timedelta(0)
        self._is_first = True
        self._built_at = desk.clock.now()  # while nothing ran, nothing could come in: that is no alarm
        self._due = self._built_at
        self._periodic = PeriodicJobs(desk.clock)
        self._periodic.add(PeriodicJob.DESK_SIGN, self._sign)

    def next_due(self) -> datetime:
        return min(self._due, self._clock.now() + PeriodicJob.SOURCES.every)

    def step(self) -> int:
        """Sends the alarms and recoveries that are due and returns how many there were; those held back count."""
        now = self._clock.now()
        self._watch_clock(now)
        self._periodic.run_pending()
        with self._database.read() as connection:
            known = {row.name: row for row in list_statuses(connection)}
        changed = [name for name in self._names if self._find_change(name, known.get(name), now) is not None]
        lines: list[tuple[int, Fields]] = []
        if changed:
            with self._database.write() as connection:
                lines = [line for name in changed if (line := self._announce(connection, name, now)) is not None]
        for line in lines:
            log.log(*line)
        dues = (self._overdue_at(name, known.get(name)) for name in self._names if name not in changed)
        self._due = min((due for due in dues if due is not None), default=now + PeriodicJob.SOURCES.every)
        return len(lines) + self._watch_disks(known, now) + self._send_held_alarms(known, now)

    def _watch_clock(self, now: datetime) -> None:
        """Notices that the clock was set, also before a restart: then the database has times that are to come."""
        jump = self._unsettled + self._jumps.measure()
        if self._is_first:
            with self._database.read() as connection:
                seen = [row.succeeded_at for row in list_statuses(connection) if row.succeeded_at is not None]
            jump = min(jump, now - max(seen, default=now))
            self._is_first = False
        if abs(jump) < _JUMP:
            return
        self._unsettled = jump  # until what follows is committed
        ahead = jump > timedelta(0)
        log.warning(Fields(action="watch", result="clock_jumped", seconds=int(jump.total_seconds())))
        self._built_at = self._due = now
        with self._database.write() as connection:
            settle_clock(connection, now)
            for queue in () if ahead else (journal, outbox, hook_calls):
                bring_forward(connection, queue, now + _LONGEST_DELAY, now)
            note_figures(connection, CLOCK, jumped_at=now.isoformat(), jumped_seconds=round(jump.total_seconds()))
            self._system_notices.alarm(connection, Alarm(CLOCK_AHEAD if ahead else CLOCK_BACK, (abs(jump),)), now)
        self._unsettled = timedelta(0)
        self._periodic.run_all()  # the sign has the new time

    def _watch_disks(self, known: dict[str, SourceStatusRow], now: datetime) -> int:
        """Sends an alarm for each disk of this host that has become nearly full; returns how many there were."""
        sent = 0
        for disk in measure_disks(self._folders):
            name, is_low = f"disk {socket.gethostname()}:{disk.folder}", disk.is_low(self._least_free)
            row = known.get(name)
            if is_low and name not in self._low:  # before what may fail for want of space
                log.error(Fields(action="watch", result="disk_low", folder=str(disk.folder), free=disk.free))
            (self._low.add if is_low else self._low.discard)(name)
            if is_low != (row is not None and row.alarmed_at is not None):
                sent += self._announce_disk(name, disk, now, is_low=is_low)
        return sent

    def _announce_disk(self, name: str, disk: DiskSpace, now: datetime, *, is_low: bool) -> int:
        with self._database.write() as connection:
            note_alarm(connection, name, now if is_low else None)
            if is_low:
                alarm = Alarm(DISK_LOW, (str(disk.folder), disk.free // 10**6, disk.percent))
                self._system_notices.alarm(connection, alarm, now)
        if not is_low:
            log.info(Fields(action="watch", result="disk_well", folder=str(disk.folder), free=disk.free))
        return int(is_low)

    def _send_held_alarms(self, known: dict[str, SourceStatusRow], now: datetime) -> int:
        if not any(has_due_alarms(row, now) for row in known.values()):
            return 0
        with self._database.write() as connection:
            return self._system_notices.send_held_alarms(connection, now)

    def _sign(self) -> None:
        with self._database.write() as connection:
            note_success(connection, DESK, self._clock.now())

    def _find_change(self, name: str, row: SourceStatusRow | None, now: datetime) -> _Change | None:
        """Compares the state of a source with the state that was announced last."""
        if row is not None and row.alarmed_at is not None:
            works = row.succeeded_at is not None and row.succeeded_at > row.alarmed_at
            return _Change.WORKS if works else None
        due = self._overdue_at(name, row)
        return _Change.STOPPED if due is not None and now >= due else None

    def _overdue_at(self, name: str, row: SourceStatusRow | None) -> datetime | None:
        """Returns when an alarm will be due if nothing changes; None where none can be."""
        if row is not None and row.alarmed_at is not None:
            return None
        if name in self._failing_only:  # not used while there is nothing to send or to take: only a failure counts
            return row.failing_since + self._after if row is not None and row.failing_since is not None else None
        succeeded_at = row.succeeded_at if row is not None else None
        return max(succeeded_at or self._built_at, self._built_at) + self._after

    def _announce(self, connection: Connection, name: str, now: datetime) -> tuple[int, Fields] | None:
        """Sends the alarm or the recovery, records it and returns the arguments of its log line.

        None where another process was first, or where nothing has changed after all.
        """
        row = lock_status(connection, name)
        match self._find_change(name, row, now):
            case _Change.STOPPED:
                return self._announce_stopped(connection, name, row, now)
            case _Change.WORKS if row is not None:
                return self._announce_works(connection, name, row, now)
        return None

    def _announce_stopped(
        self, connection: Connection, name: str, row: SourceStatusRow | None, now: datetime
    ) -> tuple[int, Fields]:
        error = row.last_error if row is not None else ""
        at = (row.failing_since if name in self._failing_only else row.succeeded_at) if row is not None else None
        since = at or self._built_at
        if name == SCANNER:
            self._system_notices.alarm(connection, Alarm(SCANNER_FAILED, (error,)), now)
        elif name in self._hooks:
            self._system_notices.alarm(connection, Alarm(HOOK_FAILED, (self._hooks[name], error)), now)
        else:
            self._system_notices.call_hooks_of_way(connection, name, since, now, error=error)
            if name != RELAY:
                self._system_notices.send_source_stopped(connection, name, since, error, now)
        note_alarm(connection, name, now, **{_SINCE: since.isoformat()})
        return logging.ERROR, Fields(way=name, action="watch", result="stopped", since=since.isoformat(), reason=error)

    def _announce_works(
        self, connection: Connection, name: str, row: SourceStatusRow, now: datetime
    ) -> tuple[int, Fields]:
        assert row.alarmed_at is not None  # else it was no news
        assert row.succeeded_at is not None
        noted = row.figures.get(_SINCE)
        since = datetime.fromisoformat(noted) if noted else row.alarmed_at
        self._system_notices.call_hooks_of_way(connection, name, since, now, works=True)
        if name not in (RELAY, SCANNER) and name not in self._hooks:
            stop = read_stop(row.figures)
            self._system_notices.send_source_recovered(connection, name, since, row.succeeded_at, now, stop)
        note_alarm(connection, name, None, **{_SINCE: None})
        return logging.INFO, Fields(way=name, action="watch", result="works", since=since.isoformat())
