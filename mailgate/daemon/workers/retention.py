"""Applies the retention periods of the configuration: looks every hour, and removes one part of a ticket at each step.

What is removed is lost, so a clock that is set years ahead must not remove all at once. A look is an hour after the one
before, also of another process: where more than a day lies between, the clock was set or the desk was stopped, and
nothing is removed for a day. By then the operator has heard of it, or the clock is right again.

Raises only for a lost database; a ticket that cannot be worked on is logged and looked at again an hour later.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from mailgate.config import RETENTION
from mailgate.core.log_fields import Fields
from mailgate.daemon.desk import Desk
from mailgate.store.database import describe_loss, is_conflict
from mailgate.store.errors import log_error
from mailgate.store.source_status import lock_status, note_success
from mailgate.tickets.retention import Retention

log = logging.getLogger("mailgate.retention")

EVERY = timedelta(hours=1)
_DAY = timedelta(days=1)
_AT_ONCE = 200  # tickets that a look takes for each part and queue


class RetentionWorker:
    """The worker that removes what is kept no longer."""

    name = "retention"

    def __init__(self, desk: Desk) -> None:
        self._clock = desk.clock
        self._database = desk.database
        self._retention = Retention(desk.database, desk.settings)
        self._look_at = desk.clock.now()
        self._due: list[tuple[str, int, str]] = []
        self._put_off: set[tuple[str, int]] = set()  # until the next hour
        self._loose = False

    def next_due(self) -> datetime | None:
        return self._clock.now() if self._due or self._loose else self._look_at

    def step(self) -> int:
        """Removes one part of a ticket, or some emails of no ticket; returns how many things were removed."""
        now = self._clock.now()
        if not self._due and not self._loose:
            # A time that is further ahead is from before the clock was set back.
            if now < self._look_at <= now + EVERY:
                return 0
            self._look(now)
        if self._loose:
            emptied = self._retention.empty_loose(now)
            self._loose = emptied > 0
            if emptied:
                return emptied
        while self._due:
            part, ticket_id, reference = self._due.pop(0)
            if self._remove(part, ticket_id, reference, now):
                if not self._due:
                    self._look_at = now  # there may be more than a look takes
                return 1
        return 0

    def _look(self, now: datetime) -> None:
        waits_until = self._check_clock(now)
        if waits_until is not None:
            self._look_at = min(now + EVERY, waits_until)
            return
        found = self._retention.find_due(now, _AT_ONCE)
        every = [(part, one, reference) for part, due in found.tickets.items() for one, reference in due.items()]
        self._due = [one for one in every if one[:2] not in self._put_off]
        self._loose = bool(found.mails or found.notices)
        if not self._due and not self._loose:
            self._look_at = now + EVERY
            self._put_off.clear()

    def _check_clock(self, now: datetime) -> datetime | None:
        """Notes the look, and returns until when nothing is removed; None where the clock is as expected."""
        with self._database.write() as connection:
            row = lock_status(connection, RETENTION)
            last = row.succeeded_at if row is not None else None
            words = row.figures.get("waits_until") if row is not None else None
            until = datetime.fromisoformat(words) if words else None
            if until is not None and not now < until <= now + _DAY:
                until = None  # it is over, or from before the clock was set back
            has_jumped = last is not None and now - last > _DAY
            if has_jumped:
                until = now + _DAY
            note_success(connection, RETENTION, now, waits_until=until.isoformat() if until is not None else None)
        if has_jumped:
            log.warning(Fields(action="retain", result="put_off", until=until, reason="no look for more than a day"))
        return until

    def _remove(self, part: str, ticket_id: int, reference: str, now: datetime) -> bool:
        try:
            removed = self._retention.remove_part(ticket_id, part, now)
        except Exception as error:  # one ticket must not hold up the others
            if is_conflict(error) or describe_loss(error):
                raise
            log_error(log, error, action="retain", result="failed", reference=reference)
            removed = False
        if removed:
            log.info(Fields(action="retain", result="removed", reference=reference, part=part))
        else:
            self._put_off.add((part, ticket_id))
        return removed
