"""Monitors the sources: one mail to the operator when one has failed for too long, one more when it works again.

The table `ways` records each alarm, in the transaction that puts the mail into the outbox, so that none is sent twice,
after a restart or by two processes. A failing relay is only logged, since no mail could leave. Raises only for a lost
database, and then sends the alarm later.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Connection

from mailgate.config import DESK, RELAY, name_sources
from mailgate.daemon.desk import Desk
from mailgate.store.source_status import SourceStatusRow, list_statuses, lock_status, note_alarm, note_success

log = logging.getLogger("mailgate.alarms")

_LOOK = timedelta(minutes=1)  # a source that works again is noticed after this at the latest
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
        self._names = (*name_sources(desk.settings), RELAY)
        self._built_at = desk.clock.now()  # while nothing ran, nothing could come in: that is no alarm
        self._due = self._built_at
        self._beat_at: datetime | None = None

    def next_due(self) -> datetime:
        return min(self._due, self._clock.now() + _LOOK)

    def step(self) -> int:
        """Sends the alarms and recoveries that are due and returns how many there were."""
        now = self._clock.now()
        self._beat(now)
        with self._database.read() as connection:
            known = {row.name: row for row in list_statuses(connection)}
        changed = [name for name in self._names if self._find_change(name, known.get(name), now) is not None]
        lines: list[tuple[Any, ...]] = []
        if changed:
            with self._database.write() as connection:
                lines = [line for name in changed if (line := self._announce(connection, name, now)) is not None]
        for line in lines:
            log.log(*line)
        dues = (self._overdue_at(name, known.get(name)) for name in self._names if name not in changed)
        self._due = min((due for due in dues if due is not None), default=now + _LOOK)
        return len(lines)

    def _beat(self, now: datetime) -> None:
        """Records once a minute that a desk works here: each commit wakes every role, so that it must be rare."""
        if self._beat_at is None or now - self._beat_at >= _LOOK:
            with self._database.write() as connection:
                note_success(connection, DESK, now)
            self._beat_at = now

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
        if name == RELAY:  # it is not used while there is nothing to send: only a failure counts
            return row.failing_since + self._after if row is not None and row.failing_since is not None else None
        succeeded_at = row.succeeded_at if row is not None else None
        return max(succeeded_at or self._built_at, self._built_at) + self._after

    def _announce(self, connection: Connection, name: str, now: datetime) -> tuple[Any, ...] | None:
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
    ) -> tuple[Any, ...]:
        error = row.last_error if row is not None else ""
        at = (row.failing_since if name == RELAY else row.succeeded_at) if row is not None else None
        since = at or self._built_at
        if name != RELAY:
            self._system_notices.send_source_stopped(connection, name, since, error, now)
        note_alarm(connection, name, now, **{_SINCE: since.isoformat()})
        return logging.ERROR, "way=%r action=watch result=stopped since=%s reason=%r", name, since.isoformat(), error

    def _announce_works(
        self, connection: Connection, name: str, row: SourceStatusRow, now: datetime
    ) -> tuple[Any, ...]:
        assert row.alarmed_at is not None  # else it was no news
        assert row.succeeded_at is not None
        noted = row.figures.get(_SINCE)
        since = datetime.fromisoformat(noted) if noted else row.alarmed_at
        if name != RELAY:
            self._system_notices.send_source_recovered(connection, name, since, row.succeeded_at, now)
        note_alarm(connection, name, None, **{_SINCE: None})
        return logging.INFO, "way=%r action=watch result=works since=%s", name, since.isoformat()
