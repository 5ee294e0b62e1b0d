"""Watches the ways in: one mail to the operator when one has failed for too long, one more when it works again.

What was said stands in the table `ways`, in the transaction that puts the mail into the outbox: nothing is said twice,
not after a restart and not by two processes. Of the relay only the log tells: a mail could not leave. Fails with the
database alone, and then says later what there is to say.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row

from mailgate.config import DESK, RELAY, Settings, name_ways
from mailgate.core.clock import Clock
from mailgate.notices.system_notices import SystemNotices
from mailgate.store.database import Database
from mailgate.store.source_status import hold_way, list_ways, note_alarm, note_success

log = logging.getLogger("mailgate.alarms")

_LOOK = timedelta(minutes=1)  # a way that works again is noticed after this at the latest
_SINCE = "down_since"  # among the figures of a way while the alarm stands: a success erases since when it had failed


class _News(Enum):
    STOPPED = "stopped"
    WORKS = "works"


class MonitoringWorker:
    """The worker that looks after the ways in and the relay; one for each desk at a time."""

    name = "alarms"

    def __init__(self, database: Database, clock: Clock, system_notices: SystemNotices, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._system_notices = system_notices
        self._after = settings.intake.alarm_after.span
        self._names = (*name_ways(settings), RELAY)
        self._built_at = clock.now()  # while nothing ran, nothing could come in: that is no alarm
        self._due = self._built_at
        self._signed_at: datetime | None = None

    def next_due(self) -> datetime:
        return min(self._due, self._clock.now() + _LOOK)

    def step(self) -> int:
        """Say what is to be said; how much that was."""
        now = self._clock.now()
        self._give_sign(now)
        with self._database.read() as connection:
            known = {row.name: row for row in list_ways(connection)}
        turned = [name for name in self._names if self._judge(name, known.get(name), now) is not None]
        said: list[tuple[Any, ...]] = []
        if turned:
            with self._database.write() as connection:
                said = [line for name in turned if (line := self._say(connection, name, now)) is not None]
        for line in said:
            log.log(*line)
        dues = (self._overdue_at(name, known.get(name)) for name in self._names if name not in turned)
        self._due = min((due for due in dues if due is not None), default=now + _LOOK)
        return len(said)

    def _give_sign(self, now: datetime) -> None:
        """Say that a desk works here; seldom, since each commit wakes every role, this one too."""
        if self._signed_at is None or now - self._signed_at >= _LOOK:
            with self._database.write() as connection:
                note_success(connection, DESK, now)
            self._signed_at = now

    def _judge(self, name: str, row: Row[Any] | None, now: datetime) -> _News | None:
        """What is news of a way."""
        if row is not None and row.alarmed_at is not None:
            works = row.succeeded_at is not None and row.succeeded_at > row.alarmed_at
            return _News.WORKS if works else None
        due = self._overdue_at(name, row)
        return _News.STOPPED if due is not None and now >= due else None

    def _overdue_at(self, name: str, row: Row[Any] | None) -> datetime | None:
        """When it will be time for an alarm, if nothing changes; None where none can come."""
        if row is not None and row.alarmed_at is not None:
            return None
        if name == RELAY:  # nobody asks it anything while there is nothing to send: only a failure counts
            return row.failing_since + self._after if row is not None and row.failing_since is not None else None
        succeeded_at = row.succeeded_at if row is not None else None
        return max(succeeded_at or self._built_at, self._built_at) + self._after

    def _say(self, connection: Connection, name: str, now: datetime) -> tuple[Any, ...] | None:
        """Say it and note that; the line for the log. None where another process was first, or all is well again."""
        row = hold_way(connection, name)
        match self._judge(name, row, now):
            case _News.STOPPED:
                return self._say_stopped(connection, name, row, now)
            case _News.WORKS if row is not None:
                return self._say_works(connection, name, row, now)
        return None

    def _say_stopped(self, connection: Connection, name: str, row: Row[Any] | None, now: datetime) -> tuple[Any, ...]:
        error = row.last_error if row is not None else ""
        if name == RELAY and row is not None:
            since = row.failing_since
        else:
            since = (row.succeeded_at if row is not None else None) or self._built_at
            self._system_notices.tell_stopped(connection, name, since, error, now)
        note_alarm(connection, name, now, **{_SINCE: since.isoformat()})
        return logging.ERROR, "way=%r action=watch result=stopped since=%s reason=%r", name, since.isoformat(), error

    def _say_works(self, connection: Connection, name: str, row: Row[Any], now: datetime) -> tuple[Any, ...]:
        noted = row.figures.get(_SINCE)
        since = datetime.fromisoformat(noted) if noted else row.alarmed_at
        if name != RELAY:
            self._system_notices.tell_works(connection, name, since, row.succeeded_at, now)
        note_alarm(connection, name, None, **{_SINCE: None})
        return logging.INFO, "way=%r action=watch result=works since=%s", name, since.isoformat()
