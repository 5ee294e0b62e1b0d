"""Sends the decisions after silence that were kept for the mail of the day (`notices.daily_decisions`).

It looks when a mail of anybody may be due, at the start, and when the directory has changed. A mail that fails is tried
again later and does not hold up the others. Raises only for a lost database.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from mailgate.config.directory.entries import Directory
from mailgate.core.log_fields import Fields
from mailgate.daemon.desk import Desk
from mailgate.notices.daily_decisions import DailyDecisions
from mailgate.store.database import describe_loss
from mailgate.store.errors import log_error

log = logging.getLogger("mailgate.digest")

_AGAIN = timedelta(minutes=5)  # after a failure


class DecisionWorker:
    """The worker that sends gathered decisions."""

    name = "decisions"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        self._directory_files = desk.directory
        self._daily = DailyDecisions(desk.settings, desk.system_notices, desk.tickets)
        self._planned_by: Directory | None = None
        self._look: datetime | None = None  # the next time at which something may be due

    def next_due(self) -> datetime | None:
        return self._look

    def step(self) -> int:
        """Sends the mails that are due and returns how many that was."""
        now, directory = self._clock.now(), self._directory_files.current()
        if directory is self._planned_by and (self._look is None or self._look > now):
            return 0
        with self._database.read() as connection:
            mails = self._daily.list_due(connection, directory, now)
        sent = [self._try(mail.key, directory, now) for mail in mails]
        self._planned_by, self._look = directory, self._daily.next_due(now, directory)
        if not all(sent):
            self._look = now + _AGAIN
        return sum(sent)

    def _try(self, key: tuple[str, bool], directory: Directory, now: datetime) -> bool:
        address, _ = key
        try:
            with self._database.write() as connection:
                tickets = self._daily.send(connection, key, directory, now)
        except Exception as error:  # the worker edge: one mail must never hold up the others
            if describe_loss(error):
                raise
            log_error(log, error, action="decisions", result="failed", to=address)
            return False
        log.info(Fields(action="decisions", result="ok", to=address, tickets=tickets))
        return True
