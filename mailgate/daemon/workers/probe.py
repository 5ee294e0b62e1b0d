"""Sends the probe: a mail of the desk to itself, which measures whether mail goes out and comes in, and how fast.

One at a time: while the last one waits to be sent, or is parked, no other is added. The receiver records one that comes
back (`notices/probe`); a missing one is recorded here and alarmed by `monitoring`. Raises only for a lost database.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import ROUND_TRIP
from mailgate.core.log_fields import Fields
from mailgate.daemon.desk import Desk
from mailgate.store.locks import take_advisory_lock
from mailgate.store.probes import RETURNED, ProbeRow, last_probe
from mailgate.store.schema import outbox
from mailgate.store.source_status import note_failure
from mailgate.store.work_queue import CANCELLED, PARKED, WAITING, finish

log = logging.getLogger("mailgate.probe")

_LOOK = timedelta(minutes=1)  # how soon to look again at a probe that cannot leave


class ProbeWorker:
    """The worker that sends probes, if configured."""

    name = "probe"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        self._system_notices = desk.system_notices
        every = desk.settings.intake.probe_every
        self._every = every.span if every is not None else None
        self._too_old = desk.settings.intake.alarm_after.span
        self._address = desk.settings.default_queue.address
        self._due = desk.clock.now()

    def next_due(self) -> datetime | None:
        return None if self._every is None else self._due

    def step(self) -> int:
        """Sends a probe if one is due; 1 if it did."""
        now = self._clock.now()
        if self._every is None or now < self._due:
            return 0
        with self._database.write() as connection:
            take_advisory_lock(connection, "probe")
            last = last_probe(connection, self._address)
            due = self._next(connection, last, now, self._every)
            if due <= now:
                self._system_notices.probe(connection, now)
        self._due = due if due > now else now + self._every
        return int(due <= now)

    def _next(self, connection: Connection, last: ProbeRow | None, now: datetime, every: timedelta) -> datetime:
        """Returns when to write the next probe, or to look for the last one again."""
        if last is None:
            return now
        if now < last.waits_since + every:
            due: datetime = last.waits_since + every
            return due
        if last.lane == RETURNED:
            return now
        error = _describe(last)
        log.warning(Fields(way=ROUND_TRIP, action="probe", result="missing", outbox=last.id, reason=error))
        note_failure(connection, ROUND_TRIP, now, error)
        return now + _LOOK if self._blocks_next(connection, last, now) else now

    def _blocks_next(self, connection: Connection, last: ProbeRow, now: datetime) -> bool:
        """Tells whether the last probe is still to be sent.

        One that has waited too long is replaced by a new one, which does not inherit the pause of its retries.
        """
        if last.state != WAITING:
            return bool(last.state == PARKED)
        if now < last.waits_since + self._too_old or (last.leased_until is not None and last.leased_until > now):
            return True
        return not finish(connection, outbox, last, CANCELLED, last_error="not sent: a newer probe has replaced it")


def _describe(last: ProbeRow) -> str:
    if last.state == PARKED:
        return f"the probe is parked ({last.last_error}): `mailgate requeue outbox {last.id}` sends it again"
    if last.state == WAITING:
        return f"the probe is waiting to be sent{f': {last.last_error}' if last.last_error else ''}"
    return f"the probe that was sent at {last.created_at:%H:%M} UTC has not come back"
