"""Ends holds that are due: an unanswered challenge expires, a level is asked again about an unknown sender.

Each hold has a transaction of its own. One that fails is logged and tried again later, so that it stops no other; the
operator gets an alarm, since the mail that it holds could be forgotten.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from mailgate.core.log_fields import Fields
from mailgate.core.tokens import hold_reference
from mailgate.daemon.desk import Desk
from mailgate.notices.alarms import HOLD_FAILED, Alarm
from mailgate.store.database import describe_loss, is_conflict
from mailgate.store.errors import describe_error, log_error
from mailgate.store.holds import list_due_holds, next_hold_due, postpone

log = logging.getLogger("mailgate.holds")

_AT_ONCE = 20  # holds of one step
_LATER = timedelta(hours=1)  # until one that failed is tried again
_SOON = timedelta(seconds=1)  # until one that met another transaction is


class HoldWorker:
    """The worker that ends holds or asks again."""

    name = "holds"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        self._holds = desk.holds
        self._system_notices = desk.system_notices

    def next_due(self) -> datetime | None:
        with self._database.read() as connection:
            return next_hold_due(connection)

    def step(self) -> int:
        """Ends or renews every hold that is due and returns how many there were."""
        now = self._clock.now()
        with self._database.read() as connection:
            due = list_due_holds(connection, now, _AT_ONCE)
        for number in due:
            self._run_out(number, now)
        return len(due)

    def _run_out(self, number: int, now: datetime) -> None:
        try:
            with self._database.write() as connection:
                done = self._holds.run_out(connection, number, now)
            log.info(Fields(action="expire", hold=number, result="done" if done else "answered"))
        except Exception as error:  # the worker edge: one hold must never stop the next
            if describe_loss(error):
                raise
            self._put_off(number, error, now)

    def _put_off(self, number: int, error: Exception, now: datetime) -> None:
        if is_conflict(error):
            with self._database.write() as connection:
                postpone(connection, number, now + _SOON)
            return
        log_error(log, error, action="expire", hold=number, result="failed")
        alarm = Alarm(HOLD_FAILED, (hold_reference(number), describe_error(error)))
        with self._database.write() as connection:
            postpone(connection, number, now + _LATER)
            self._system_notices.alarm(connection, alarm, now)
